package dev.credence.run;

import dev.credence.device.Device;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.lang.foreign.MemorySegment;

/** Numbers read from a device, row-major, as a Java array of their kind. */
public final class HostArray {
  private final TensorType type;
  private final Object values;

  private HostArray(TensorType type, Object values) {
    this.type = type;
    this.values = values;
  }

  static HostArray read(Device device, Device.Buffer buffer, long offset, TensorType type) {
    int size = type.shape().size();
    switch (type.dtype()) {
      case FLOAT32 -> {
        float[] values = new float[size];
        device.read(buffer, offset, MemorySegment.ofArray(values));
        return new HostArray(type, values);
      }
      case FLOAT64 -> {
        double[] values = new double[size];
        device.read(buffer, offset, MemorySegment.ofArray(values));
        return new HostArray(type, values);
      }
      case INT32 -> {
        int[] values = new int[size];
        device.read(buffer, offset, MemorySegment.ofArray(values));
        return new HostArray(type, values);
      }
      case BOOL -> {
        byte[] values = new byte[size];
        device.read(buffer, offset, MemorySegment.ofArray(values));
        return new HostArray(type, values);
      }
    }
    throw new AssertionError(type);
  }

  static void write(
      Device device,
      Device.Buffer buffer,
      long offset,
      TensorType type,
      String name,
      Object values) {
    MemorySegment source = segment(values);
    DType kind =
        switch (values) {
          case float[] f -> DType.FLOAT32;
          case double[] d -> DType.FLOAT64;
          case int[] i -> DType.INT32;
          default -> DType.BOOL;
        };
    if (kind != type.dtype() || source.byteSize() != type.bytes()) {
      throw new IllegalArgumentException(
          name
              + " is "
              + type
              + ", but "
              + source.byteSize() / kind.bytes()
              + " values of "
              + kind
              + " were given");
    }
    device.write(buffer, offset, source);
  }

  private static MemorySegment segment(Object values) {
    return switch (values) {
      case float[] f -> MemorySegment.ofArray(f);
      case double[] d -> MemorySegment.ofArray(d);
      case int[] i -> MemorySegment.ofArray(i);
      case byte[] b -> MemorySegment.ofArray(b);
      case boolean[] b -> {
        byte[] bytes = new byte[b.length];
        for (int i = 0; i < b.length; i++) {
          bytes[i] = (byte) (b[i] ? 1 : 0);
        }
        yield MemorySegment.ofArray(bytes);
      }
      default ->
          throw new IllegalArgumentException(
              "values are a float[], double[], int[] or boolean[], not "
                  + values.getClass().getSimpleName());
    };
  }

  /** Kind and shape. */
  public TensorType type() {
    return type;
  }

  /**
   * The numbers as float32.
   *
   * @throws IllegalStateException if they are of another kind
   */
  public float[] floats() {
    if (values instanceof float[] f) {
      return f;
    }
    throw new IllegalStateException("the array is " + type + ", not float32");
  }

  /** The numbers as int32. */
  public int[] ints() {
    if (values instanceof int[] i) {
      return i;
    }
    throw new IllegalStateException("the array is " + type + ", not int32");
  }

  /** The numbers, whatever their kind, as doubles; truth values as 0 and 1. */
  public double[] doubles() {
    double[] wide = new double[type.shape().size()];
    for (int i = 0; i < wide.length; i++) {
      wide[i] =
          switch (values) {
            case float[] f -> f[i];
            case double[] d -> d[i];
            case int[] n -> n[i];
            default -> ((byte[]) values)[i];
          };
    }
    return wide;
  }
}
