package dev.credence.type;

/** What is known of a tensor when it is traced: the kind of its elements and its shape. */
public record TensorType(DType dtype, Shape shape) {
  /** A type of these extents. */
  public static TensorType of(DType dtype, int... dims) {
    return new TensorType(dtype, Shape.of(dims));
  }

  /** Number of bytes that an array of this type takes. */
  public long bytes() {
    return (long) shape.size() * dtype.bytes();
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
