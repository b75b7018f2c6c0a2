package dev.credence.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.device.Device;
import java.util.Map;
import java.util.Objects;

/** Whether two arrays hold the same numbers. */
public final class Same {
  /** What a device whose arithmetic does not round correctly may be off by. */
  private static final double INEXACT = 1e-4;

  private Same() {}

  /** Arrays by name; see {@link #as(HostArray, HostArray, Device, String)}. */
  public static void as(
      Map<String, HostArray> wanted, Map<String, HostArray> got, Device device, String what) {
    assertEquals(wanted.keySet(), got.keySet(), what);
    wanted.forEach(
        (name, array) ->
            as(array, Objects.requireNonNull(got.get(name)), device, what + ", " + name));
  }

  /** Every bit equal on an exact device, nearly equal on another; one NaN is as good as another. */
  public static void as(HostArray wanted, HostArray got, Device device, String what) {
    assertEquals(wanted.type(), got.type(), what);
    double[] x = wanted.doubles();
    double[] y = got.doubles();
    boolean exact = device.limits().exactFloat32() || !wanted.type().dtype().isFloat();
    for (int i = 0; i < x.length; i++) {
      boolean same =
          Double.compare(x[i], y[i]) == 0
              || (!exact && Math.abs(x[i] - y[i]) <= INEXACT * (1 + Math.abs(x[i])));
      if (!same) {
        assertEquals(x[i], y[i], what + ", element " + i + " of " + wanted.type());
      }
    }
  }
}
