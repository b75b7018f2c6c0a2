package dev.credence.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/** What results are held to; used on both sides, so that peers are held to the same. */
public final class Check {
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private Check() {}

  /** Holds a statement to be true. */
  public static void that(boolean holds, String format, Object... values) {
    if (!holds) {
      throw new WrongResultException(text(format, values));
    }
  }

  /** Holds two numbers to be equal up to a relative error. */
  public static void near(String what, double found, double expected, double relative) {
    that(
        Math.abs(found - expected) <= relative * Math.abs(expected),
        "%s is %.9g, and not %.9g",
        what,
        found,
        expected);
  }

  /** A sentence with numbers in it, the same in every country. */
  public static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** KL(N(mu, softplus(rho)^2) || N(0, 1)) summed over all elements, in double precision. */
  public static double gaussianKl(float[] mu, float[] rho) {
    double sum = 0;
    for (int i = 0; i < mu.length; i++) {
      double sigma = Math.log1p(Math.exp(rho[i]));
      sum += 0.5 * (sigma * sigma + (double) mu[i] * mu[i] - 1) - Math.log(sigma);
    }
    return sum;
  }

  /** Holds w = mu + softplus(rho) * eps to have standard normal eps, by its first two moments. */
  public static String standardNormal(float[] w, float[] mu, float[] rho) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < w.length; i++) {
      double eps = (w[i] - mu[i]) / Math.log1p(Math.exp(rho[i]));
      sum += eps;
      squares += eps * eps;
    }
    double mean = sum / w.length;
    double variance = squares / w.length - mean * mean;
    double error = 6 / Math.sqrt(w.length);
    that(Math.abs(mean) < error, "the noise has mean %.2e", mean);
    that(Math.abs(variance - 1) < 2 * error, "the noise has variance %.6f", variance);
    return text("mean %.1e, variance %.5f", mean, variance);
  }

  /** Holds y and dx to be x and dy with one mask over both, half of it kept and doubled. */
  public static String halfKept(float[] x, float[] dy, float[] y, float[] dx) {
    int kept = 0;
    for (int i = 0; i < x.length; i++) {
      boolean here = y[i] != 0 || dx[i] != 0;
      kept += here ? 1 : 0;
      float expected = here ? 2 : 0;
      that(
          y[i] == expected * x[i] && dx[i] == expected * dy[i],
          "element %d is neither kept nor dropped",
          i);
    }
    double fraction = (double) kept / x.length;
    that(Math.abs(fraction - 0.5) < 3 / Math.sqrt(x.length), "%.5f are kept", fraction);
    return text("kept %.5f", fraction);
  }

  /** Holds rows to be probabilities, and the entropies to be theirs. */
  public static String predictive(float[] mean, float[] entropy) {
    int classes = mean.length / entropy.length;
    double average = 0;
    for (int row = 0; row < entropy.length; row++) {
      double sum = 0;
      double expected = 0;
      for (int c = 0; c < classes; c++) {
        double p = mean[row * classes + c];
        that(p >= 0 && p <= 1 + 1e-6, "row %d has a probability of %g", row, p);
        sum += p;
        expected -= p > 0 ? p * Math.log(p) : 0;
      }
      near("a sum of probabilities", sum, 1, 1e-4);
      that(
          Math.abs(entropy[row] - expected) < 1e-4,
          "row %d has entropy %g, not %g",
          row,
          entropy[row],
          expected);
      average += entropy[row] / entropy.length;
    }
    that(average > 1e-3, "the entropy is %g nats", average);
    return text("entropy %.4f nats", average);
  }

  /**
   * Holds a loss to go down over 60 steps, from their first quarter to their last; fewer steps if
   * they are slow.
   */
  public static String goesDown(DoubleSupplier step) {
    double[] losses = new double[60];
    long start = System.nanoTime();
    int count = 0;
    while (count < losses.length && (count < 4 || System.nanoTime() - start < PATIENCE_NANOS)) {
      losses[count++] = step.getAsDouble();
    }
    int quarter = count / 4;
    double first = Arrays.stream(losses, 0, quarter).average().orElseThrow();
    double last = Arrays.stream(losses, count - quarter, count).average().orElseThrow();
    that(last < first, "the loss goes from %g to %g in %d steps", first, last, count);
    return text("loss %.5g to %.5g in %d steps", first, last, count);
  }
}
