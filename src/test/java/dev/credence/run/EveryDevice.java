package dev.credence.run;

import dev.credence.device.Device;
import dev.credence.device.DeviceProvider;
import dev.credence.device.Devices;
import dev.credence.device.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The devices that the service loader finds, each once or, where threads matter, once with one
 * thread and once with two. A law about all devices takes its arguments from {@link #all}; a device
 * that this machine lacks skips it with the reason.
 */
public final class EveryDevice {
  /** The oracle. */
  public static final Device REFERENCE = new ReferenceDevice();

  private static final String THREADS = "credence.threads";

  private static final boolean THOROUGH = Boolean.getBoolean("credence.test.thorough");

  /** The devices to test, if the property credence.test.devices names some; else all. */
  private static final List<String> ONLY =
      List.of(System.getProperty("credence.test.devices", "").split(",")).stream()
          .filter(name -> !name.isBlank())
          .toList();

  private static final List<Setup> ALL = find();

  private EveryDevice() {}

  /** A device that is there, or the reason why it is not. */
  public record Setup(String name, @Nullable Device device, String reason) {
    /** The device; where there is none, the test ends here. */
    public Device open() {
      Assumptions.assumeTrue(device != null, () -> name + " is absent: " + reason);
      return java.util.Objects.requireNonNull(device);
    }

    /**
     * Whether a kernel takes no time to compile, so that a law may use thousands of them. Where it
     * takes tens of milliseconds, laws take fewer cases unless the property credence.test.thorough
     * is set.
     */
    public boolean compilesAtOnce() {
      return name.startsWith("cpu") || name.equals("reference") || THOROUGH;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Every device, present or not. */
  public static List<Setup> all() {
    return ALL;
  }

  private static List<Setup> find() {
    List<Setup> found = new ArrayList<>();
    for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class)) {
      for (Devices.Entry entry : provider.entries()) {
        if (!ONLY.isEmpty() && !ONLY.contains(entry.name())) {
          found.add(new Setup(entry.name(), null, "credence.test.devices leaves it out"));
        } else if (entry.limits().isEmpty()) {
          found.add(new Setup(entry.name(), null, entry.reason()));
        } else if (entry.name().equals("cpu")) {
          found.add(new Setup("cpu, 1 thread", withThreads(provider, 1), ""));
          found.add(new Setup("cpu, 2 threads", withThreads(provider, 2), ""));
        } else {
          found.add(new Setup(entry.name(), provider.open(entry.name()), ""));
        }
      }
    }
    return List.copyOf(found);
  }

  private static Device withThreads(DeviceProvider provider, int threads) {
    String before = System.getProperty(THREADS);
    System.setProperty(THREADS, Integer.toString(threads));
    try {
      return provider.open("cpu");
    } finally {
      if (before == null) {
        System.clearProperty(THREADS);
      } else {
        System.setProperty(THREADS, before);
      }
    }
  }
}
