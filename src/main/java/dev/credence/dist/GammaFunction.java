package dev.credence.dist;

/** The gamma function's logarithm and its derivative, of positive numbers known on the host. */
final class GammaFunction {
  private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
  private static final int LARGE = 15;

  private GammaFunction() {}

  /**
   * log of the gamma function, by Stirling's series (Abramowitz and Stegun 6.1.41) after a shift
   * upwards by log G(x) = log G(x + 1) - log x.
   */
  static double log(double x) {
    double shift = 0;
    double y = x;
    while (y < LARGE) {
      shift -= Math.log(y);
      y += 1;
    }
    double r = 1 / (y * y);
    double series =
        (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / y;
    return shift + (y - 0.5) * Math.log(y) - y + HALF_LOG_TWO_PI + series;
  }

  /** The derivative of {@link #log}, by its asymptotic series (Abramowitz and Stegun 6.3.18). */
  static double digamma(double x) {
    double shift = 0;
    double y = x;
    while (y < LARGE) {
      shift -= 1 / y;
      y += 1;
    }
    double r = 1 / (y * y);
    double series = r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132))));
    return shift + Math.log(y) - 0.5 / y - series;
  }

  /** log B(a, b). */
  static double logBeta(double a, double b) {
    return log(a) + log(b) - log(a + b);
  }

  /** Refuses what is no positive finite number. */
  static double requirePositive(String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " is positive, but " + value + " was given");
    }
    return value;
  }
}
