package dev.credence.type;

/** The kind of a tensor's elements. */
public enum DType {
  /** IEEE 754 binary32, the type every device computes in. */
  FLOAT32("float32", 4),
  /** IEEE 754 binary64; only the reference device has it, for gradient checks. */
  FLOAT64("float64", 8),
  /** Two's complement 32-bit integers; random bits are int32 read as unsigned. */
  INT32("int32", 4),
  /** Truth values, one byte each, 0 or 1. */
  BOOL("bool", 1);

  private final String text;
  private final int bytes;

  DType(String text, int bytes) {
    this.text = text;
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are floating-point numbers, hence may carry a gradient. */
  public boolean isFloat() {
    return this == FLOAT32 || this == FLOAT64;
  }

  @Override
  public String toString() {
    return text;
  }
}
