package dev.credence.nn;

import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.run.HostArray;
import dev.credence.run.Program;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;

/** The numbers of expressions without inputs. */
public final class Compute {
  private static final Device REFERENCE = new ReferenceDevice();

  private Compute() {}

  /** One expression's numbers, on the reference device. */
  public static double[] of(Tensor value) {
    return all(REFERENCE, 1, 0, value).get(0).doubles();
  }

  /** A scalar. */
  public static double scalar(Tensor value) {
    return of(value)[0];
  }

  /** Several expressions' numbers from one run. */
  public static List<HostArray> all(Device device, long seed, int firstSample, Tensor... values) {
    Program.Builder builder = Program.on(device);
    for (int i = 0; i < values.length; i++) {
      builder.output("value" + i, values[i]);
    }
    try (Program program = builder.build()) {
      program.seed(seed).firstSample(firstSample).run();
      List<HostArray> read = new ArrayList<>();
      for (int i = 0; i < values.length; i++) {
        read.add(program.get("value" + i));
      }
      return read;
    }
  }

  /** A float64 array of constants. */
  public static Tensor doubles(double[] values, int... dims) {
    return Tensor.literal(TensorType.of(DType.FLOAT64, dims), values);
  }

  /** A float32 array of constants. */
  public static Tensor floats(double[] values, int... dims) {
    return Tensor.literal(TensorType.of(DType.FLOAT32, dims), values);
  }
}
