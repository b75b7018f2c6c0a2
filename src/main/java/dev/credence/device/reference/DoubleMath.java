package dev.credence.device.reference;

/** The functions of float64 that the JDK lacks. */
final class DoubleMath {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

  private DoubleMath() {}

  /** The logistic function, without overflow. */
  static double sigmoid(double x) {
    double z = StrictMath.exp(-Math.abs(x));
    return (x >= 0 ? 1 : z) / (1 + z);
  }

  /** log(1 + e^x), without overflow. */
  static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** A power; unlike Java's own, and like C's, 1 to any power is 1. */
  static double pow(double x, double y) {
    return x == 1 || (x == -1 && Double.isInfinite(y)) ? 1 : StrictMath.pow(x, y);
  }

  /** The error function to about 1e-15: a series near 0, a continued fraction of 1 - erf beyond. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (a < 2.5) {
      return series(x);
    }
    double tail = a < 6 ? complement(a) : 0;
    return Double.isNaN(x) ? x : Math.copySign(1 - tail, x);
  }

  /** 2/sqrt(pi) e^(-x^2) (x + 2/3 x^3 + 4/15 x^5 + ...), all terms of one sign. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 80; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_SQRT_PI * StrictMath.exp(-x * x) * sum;
  }

  /** e^(-a^2)/sqrt(pi) / (a + (1/2)/(a + (2/2)/(a + (3/2)/...))). */
  private static double complement(double a) {
    double fraction = a;
    for (int n = 100; n >= 1; n--) {
      fraction = a + n / 2.0 / fraction;
    }
    return StrictMath.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
  }
}
