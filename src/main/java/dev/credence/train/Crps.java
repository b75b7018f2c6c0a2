package dev.credence.train;

import java.util.Arrays;

/**
 * The continuous ranked probability score: the integral over x of (F(x) - 1[y at most x])^2, in the
 * unit of y; 0 for one certain and true number (Matheson and Winkler 1976).
 */
public final class Crps {
  private Crps() {}

  /** Of a normal (Gneiting et al. 2005, equation 5). */
  public static double ofNormal(double y, double loc, double scale) {
    return distance(y - loc, scale) - scale / Math.sqrt(Math.PI);
  }

  /**
   * Of an equal mixture of T normals, E|X - y| - E|X - X'| / 2 in closed form (Grimit et al. 2006,
   * equation 5); T^2 / 2 terms.
   *
   * @param loc the means
   * @param scale the standard deviations, positive
   */
  public static double ofNormals(double y, double[] loc, double[] scale) {
    if (loc.length == 0 || loc.length != scale.length) {
      throw new IllegalArgumentException(
          loc.length + " means and " + scale.length + " standard deviations are no mixture");
    }
    int n = loc.length;
    double near = 0;
    double spread = 0;
    for (int i = 0; i < n; i++) {
      near += distance(y - loc[i], scale[i]);
      spread += distance(0, Math.sqrt(2) * scale[i]);
      for (int j = 0; j < i; j++) {
        spread += 2 * distance(loc[i] - loc[j], Math.hypot(scale[i], scale[j]));
      }
    }
    return near / n - 0.5 * spread / ((double) n * n);
  }

  /** E|x| of a normal x. */
  private static double distance(double mean, double scale) {
    double z = mean / scale;
    double density = Math.exp(StandardNormal.logDensity(z));
    return 2 * scale * density + mean * (2 * StandardNormal.cdf(z) - 1);
  }

  /** Of the distribution that gives equal weight to each of some samples. */
  public static double ofSamples(double y, float[] samples) {
    if (samples.length == 0) {
      throw new IllegalArgumentException("no samples have no score");
    }
    float[] sorted = samples.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double near = 0;
    double spread = 0;
    for (int i = 0; i < n; i++) {
      near += Math.abs(sorted[i] - y);
      spread += (2.0 * i + 1 - n) * sorted[i];
    }
    return near / n - spread / ((double) n * n);
  }
}
