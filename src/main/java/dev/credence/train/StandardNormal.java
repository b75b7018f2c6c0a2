package dev.credence.train;

/** The standard normal distribution in double precision, for what is worked out on the host. */
final class StandardNormal {
  private static final double LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

  private static final double[] ABOVE = {
    3.52624965998911e-02,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376
  };

  private static final double[] BELOW = {
    8.83883476483184e-02,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752
  };

  private StandardNormal() {}

  /** The log density in nats. */
  static double logDensity(double z) {
    return -0.5 * z * z - LOG_ROOT_TWO_PI;
  }

  /**
   * The probability of at most z, off by at most about 1e-15, and in the far tail by at most about
   * 1e-9 of itself (Hart 1968, algorithm 5666, as given by West 2005, "Better approximations to
   * cumulative normal functions").
   */
  static double cdf(double z) {
    double x = Math.abs(z);
    double tail;
    if (x > 38) {
      tail = 0;
    } else if (x < 10 / Math.sqrt(2)) {
      tail = Math.exp(-x * x / 2) * horner(ABOVE, x) / horner(BELOW, x);
    } else {
      double fraction = x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))));
      tail = Math.exp(logDensity(x)) / fraction;
    }
    return z > 0 ? 1 - tail : tail;
  }

  private static double horner(double[] coefficients, double x) {
    double sum = 0;
    for (double coefficient : coefficients) {
      sum = sum * x + coefficient;
    }
    return sum;
  }

  /** The number that is not exceeded with probability p, by bisection. */
  static double quantile(double p) {
    double low = -39;
    double high = 39;
    while (high - low > 1e-12) {
      double middle = 0.5 * (low + high);
      if (cdf(middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return 0.5 * (low + high);
  }
}
