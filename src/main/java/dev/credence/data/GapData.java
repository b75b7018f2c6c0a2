package dev.credence.data;

import dev.credence.kernel.Philox;

/**
 * A made-up regression that shows both kinds of uncertainty: one input, which never falls into a
 * gap, and noise that grows with the input.
 *
 * <p>Four rows of five lie left of the gap, evenly between {@link #LOW} and {@link #GAP_LOW}, one
 * right of it, between {@link #GAP_HIGH} and {@link #HIGH}; y is {@link #mean} plus normal noise of
 * standard deviation {@link #noise}.
 *
 * @param x the inputs, one a row
 * @param y the observations
 */
public record GapData(float[][] x, float[] y) {
  /** The smallest input. */
  public static final double LOW = -3;

  /** Where the gap begins. */
  public static final double GAP_LOW = 1;

  /** Where the gap ends. */
  public static final double GAP_HIGH = 3;

  /** The largest input. */
  public static final double HIGH = 4;

  /** The name of the random stream ("gap"), as eight bytes. */
  private static final long STREAM = 0x676170L;

  /**
   * Makes data.
   *
   * @param rows how many rows
   * @param seed the seed
   * @return the same data whenever and wherever it is made
   */
  public static GapData of(int rows, long seed) {
    long key = Philox.deriveKey(seed, STREAM);
    float[][] x = new float[rows][1];
    float[] y = new float[rows];
    for (int i = 0; i < rows; i++) {
      double u = Philox.uniform(key, 0, 0, 0, i);
      double at = i % 5 < 4 ? LOW + (GAP_LOW - LOW) * u : GAP_HIGH + (HIGH - GAP_HIGH) * u;
      x[i][0] = (float) at;
      y[i] = (float) (mean(at) + noise(at) * Philox.normal(key, 1, 0, 0, i));
    }
    return new GapData(x, y);
  }

  /** Whether the data leaves an input out, though it lies between others. */
  public static boolean inGap(double x) {
    return x > GAP_LOW && x < GAP_HIGH;
  }

  /** The truth that the noise hides. */
  public static double mean(double x) {
    return Math.sin(1.5 * x) + 0.3 * x;
  }

  /** The standard deviation of the noise. */
  public static double noise(double x) {
    return 0.08 + 0.06 * (x - LOW);
  }
}
