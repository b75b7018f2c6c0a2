package example;

import dev.credence.tensor.Tensor;

/** A user's function that goes wrong for some numbers. */
public final class NotFinite {
  /** The line of {@link #logarithm} that does. */
  public static final int LINE = 14;

  private NotFinite() {}

  /** The logarithm. */
  public static Tensor logarithm(Tensor x) {
    return x.log();
  }
}
