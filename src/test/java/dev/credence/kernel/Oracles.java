package dev.credence.kernel;

/** What the kernel tests hold float32 numbers against: functions in double, and a distance. */
final class Oracles {
  private Oracles() {}

  /** The error function by its series of positive terms, to about 1e-15. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (a > 6) {
      return Math.signum(x);
    }
    double term = 2 / Math.sqrt(Math.PI) * StrictMath.exp(-a * a) * a;
    double sum = 0;
    for (int n = 1; term > sum * 1e-17; n++) {
      sum += term;
      term *= 2 * a * a / (2 * n + 1);
    }
    return Math.copySign(Double.isNaN(x) ? x : sum, x);
  }

  static double sigmoid(double x) {
    double z = StrictMath.exp(-Math.abs(x));
    return (x >= 0 ? 1 : z) / (1 + z);
  }

  static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** The standard normal distribution function. */
  static double normalCdf(double x) {
    return 0.5 * (1 + erf(x * Math.sqrt(0.5)));
  }

  /** The number below which a standard normal falls with the given probability. */
  static double normalQuantile(double probability) {
    double low = -10;
    double high = 10;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (normalCdf(middle) < probability) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * How far a float lies from the true value, in ulp of the float nearest to the truth. Infinity
   * counts as 2^128 where the truth is finite; NaN agrees with NaN alone.
   */
  static double ulps(float actual, double truth) {
    if (Double.isNaN(truth) || Float.isNaN(actual)) {
      return Double.isNaN(truth) && Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    float nearest = (float) truth;
    if (nearest == actual) {
      return Math.abs(truth - actual) == 0 || Float.isInfinite(actual)
          ? 0
          : Math.abs(truth - actual) / ulp(nearest);
    }
    if (Double.isInfinite(truth)) {
      return Double.POSITIVE_INFINITY;
    }
    double value = Float.isInfinite(actual) ? Math.copySign(0x1p128, actual) : actual;
    return Math.abs(value - truth) / ulp(nearest);
  }

  private static double ulp(float nearest) {
    return Float.isInfinite(nearest) ? 0x1p104 : Math.ulp(nearest);
  }
}
