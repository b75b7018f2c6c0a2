package dev.credence.kernel;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;
import static java.lang.Math.fma;

/**
 * Float32 mathematics with the same bits on every device: the Java twin of {@code kernels/math.h}.
 *
 * <p>Each function is the C one word for word, built from {@code + - * / fma sqrt}, comparisons and
 * integer steps, so a kernel computes exactly these floats wherever it runs (the payload of a NaN
 * excepted). Angles are radians, logarithms natural. Infinities, NaN, signed zeros and subnormals
 * are treated as IEEE 754 and C99 ask. The errors stated are the largest distances to the true
 * value in units in the last place (ulp); {@code kernels/math.h} says how they were measured.
 */
public final class FloatMath {
  private FloatMath() {}

  /** Adding and subtracting it rounds to an integer, which the sum's low bits then hold. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int ROUNDER_BITS = 0x4b400000;
  private static final int SIGN = 0x80000000;
  private static final int SQRT_HALF_BITS = 0x3f3504f3;
  private static final float LOG2_E = 0x1.715476p0f;
  private static final float TWO_OVER_PI = 0x1.45f306p-1f;
  private static final float LN2_HI = 0x1.62e4p-1f;
  private static final float LN2_LO = 0x1.7f7d1cp-20f;
  private static final float HALF_PI_HI = 0x1.921fb6p0f;
  private static final float HALF_PI_MID = -0x1.777a5cp-25f;
  private static final float HALF_PI_LO = -0x1.ee59dap-50f;

  /**
   * The smaller of two numbers; NaN if either is NaN; -0 is below +0.
   *
   * @param a one number
   * @param b the other
   * @return their minimum, exact
   */
  public static float min(float a, float b) {
    float equalOrNan = a == b ? intBitsToFloat(floatToRawIntBits(a) | floatToRawIntBits(b)) : a + b;
    float notBelow = b < a ? b : equalOrNan;
    return a < b ? a : notBelow;
  }

  /**
   * The larger of two numbers; NaN if either is NaN; +0 is above -0.
   *
   * @param a one number
   * @param b the other
   * @return their maximum, exact
   */
  public static float max(float a, float b) {
    float equalOrNan = a == b ? intBitsToFloat(floatToRawIntBits(a) & floatToRawIntBits(b)) : a + b;
    float notAbove = b > a ? b : equalOrNan;
    return a > b ? a : notAbove;
  }

  /**
   * The largest integer not above a number; it keeps the sign of zero.
   *
   * @param x any float
   * @return its floor, exact
   */
  public static float floor(float x) {
    return (float) Math.floor(x);
  }

  /**
   * The square root.
   *
   * @param x any float
   * @return its root, correctly rounded; NaN below zero
   */
  public static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  /**
   * The reciprocal square root.
   *
   * @param x any float
   * @return {@code 1 / sqrt(x)}, error 1.50 ulp
   */
  public static float rsqrt(float x) {
    return 1.0f / sqrt(x);
  }

  private static float powerOfTwo(int i) {
    return intBitsToFloat((i + 127) << 23);
  }

  private static float expRest(float x, float n) {
    return fma(n, -LN2_LO, fma(n, -LN2_HI, x));
  }

  private static float expRestMinusOne(float r) {
    float z = r * r;
    float even = fma(0x1.6d3a86p-10f, z, 0x1.5554f8p-5f);
    float odd = fma(0x1.9e7d14p-13f, z, 0x1.1112d4p-7f);
    even = fma(even, z, 0.5f);
    odd = fma(odd, z, 0x1.555554p-3f);
    return fma(fma(odd, r, even), z, r);
  }

  private static float scale(float p, int i) {
    int first = i >> 1;
    return p * powerOfTwo(first) * powerOfTwo(i - first);
  }

  /**
   * The exponential function.
   *
   * @param x any float
   * @return {@code e^x}, error 1.02 ulp
   */
  public static float exp(float x) {
    float c = x < -104.0f ? -104.0f : x;
    c = c > 89.0f ? 89.0f : c;
    float t = fma(c, LOG2_E, ROUNDER);
    float r = expRest(c, t - ROUNDER);
    return scale(1.0f + expRestMinusOne(r), floatToRawIntBits(t) - ROUNDER_BITS);
  }

  /** e^-|x|. */
  private static float expBelow(float x) {
    float c = intBitsToFloat(floatToRawIntBits(x) | SIGN);
    c = c < -104.0f ? -104.0f : c;
    float t = fma(c, LOG2_E, ROUNDER);
    float p = 1.0f + expRestMinusOne(expRest(c, t - ROUNDER));
    return p * intBitsToFloat((floatToRawIntBits(t) + (127 + 64)) << 23) * 0x1p-64f;
  }

  /**
   * The exponential function less one, accurate near zero.
   *
   * @param x any float
   * @return {@code e^x - 1}, error 1.50 ulp
   */
  public static float expm1(float x) {
    float c = x < -30.0f ? -30.0f : x;
    c = c > 89.0f ? 89.0f : c;
    float t = fma(c, LOG2_E, ROUNDER);
    float r = expRest(c, t - ROUNDER);
    float halfPower = powerOfTwo(floatToRawIntBits(t) - ROUNDER_BITS - 1);
    float y = 2.0f * fma(halfPower, expRestMinusOne(r), halfPower - 0.5f);
    return Math.abs(x) < 0x1p-26f ? x : y;
  }

  /**
   * The logistic function.
   *
   * @param x any float
   * @return {@code 1 / (1 + e^-x)}, error 2.37 ulp
   */
  public static float sigmoid(float x) {
    float z = expBelow(x);
    return (x >= 0.0f ? 1.0f : z) / (1.0f + z);
  }

  /**
   * The hyperbolic tangent.
   *
   * @param x any float
   * @return {@code tanh x}, error 2.50 ulp
   */
  public static float tanh(float x) {
    float t = expm1(-2.0f * Math.abs(x));
    return withSignOf(-t / (2.0f + t), x);
  }

  /**
   * The error function.
   *
   * @param x any float
   * @return {@code erf x}, error 1.70 ulp
   */
  public static float erf(float x) {
    float a = Math.abs(x);
    a = a > 4.0f ? 4.0f : a;
    float q = -0x1.386292p-17f;
    q = fma(q, a, 0x1.efb4ccp-14f);
    q = fma(q, a, -0x1.4cef5cp-11f);
    q = fma(q, a, 0x1.b62cd6p-10f);
    q = fma(q, a, -0x1.5ae85cp-13f);
    q = fma(q, a, -0x1.39c0e6p-6f);
    q = fma(q, a, 0x1.a4f95ep-4f);
    q = fma(q, a, 0x1.45f2fep-1f);
    q = fma(q, a, -0x1.f7ac92p-25f);
    float exponent = fma(a, 0x1.20dd76p0f, a * q);
    return withSignOf(-expm1(-exponent), x);
  }

  private static float withSignOf(float magnitude, float x) {
    return intBitsToFloat(floatToRawIntBits(magnitude) | (floatToRawIntBits(x) & SIGN));
  }

  private static int logExponent(int bits) {
    return (bits - SQRT_HALF_BITS) >> 23;
  }

  private static float logSum(float f, float e) {
    float z = f * f;
    float even = fma(0x1.055ec6p-3f, z, 0x1.22d92ep-3f);
    float odd = fma(-0x1.38c9dep-4f, z, -0x1.0d8242p-3f);
    even = fma(even, z, 0x1.99a01cp-3f);
    odd = fma(odd, z, -0x1.54728ap-3f);
    even = fma(even, z, 0x1.555554p-2f);
    odd = fma(odd, z, -0x1.000226p-2f);
    float small = fma(z * f, fma(odd, f, even), e * LN2_LO);
    return fma(e, LN2_HI, f + fma(z, -0.5f, small));
  }

  /** The logarithm of a positive normal float. */
  static float logNormal(float x) {
    int bits = floatToRawIntBits(x);
    int e = logExponent(bits);
    float m = intBitsToFloat(bits - (e << 23));
    return logSum(m - 1.0f, e);
  }

  /**
   * The natural logarithm.
   *
   * @param x any float
   * @return {@code log x}, error 0.86 ulp; NaN below zero
   */
  public static float log(float x) {
    float scale = x < Float.MIN_NORMAL ? 0x1p23f : 1.0f;
    float taken = x < Float.MIN_NORMAL ? -23.0f : 0.0f;
    int bits = floatToRawIntBits(x * scale);
    int e = logExponent(bits);
    float m = intBitsToFloat(bits - (e << 23));
    float y = logSum(m - 1.0f, e + taken);
    y = x < Float.POSITIVE_INFINITY ? y : x;
    y = x == 0.0f ? Float.NEGATIVE_INFINITY : y;
    return x < 0.0f ? Float.NaN : y;
  }

  /**
   * The logarithm of one plus a number, accurate near zero.
   *
   * @param x any float
   * @return {@code log(1 + x)}, error 1.43 ulp; NaN below -1
   */
  public static float log1p(float x) {
    float scaled = x > 0x1p100f ? x * 0x1p-64f : x;
    float given = x > 0x1p100f ? 64.0f : 0.0f;
    int e = logExponent(floatToRawIntBits(1.0f + scaled));
    float s = powerOfTwo(-e);
    float y = logSum(fma(scaled, s, s - 1.0f), e + given);
    y = x < Float.POSITIVE_INFINITY ? y : x;
    y = x == 0.0f ? x : y;
    y = x == -1.0f ? Float.NEGATIVE_INFINITY : y;
    return x < -1.0f ? Float.NaN : y;
  }

  /**
   * The smooth ramp, computed without overflow and with all its digits for negative numbers.
   *
   * @param x any float
   * @return {@code log(1 + e^x)}, error 1.71 ulp
   */
  public static float softplus(float x) {
    float z = expBelow(x);
    float f = z > 0x1.a82798p-2f ? fma(z, 0.5f, -0.5f) : z;
    float e = z > 0x1.a82798p-2f ? 1.0f : 0.0f;
    return (x > 0.0f ? x : 0.0f) + logSum(f, e);
  }

  /**
   * A power, with the edges of C99: {@code pow(x, 0)} and {@code pow(1, y)} are 1 even for NaN, and
   * {@code pow(-1, +-infinity)} is 1 (three cases in which {@link Math#pow} differs).
   *
   * @param x the base
   * @param y the exponent; a whole number where the base is negative and finite, else NaN results
   * @return {@code x^y}, error 2.25 ulp
   */
  public static float pow(float x, float y) {
    float ax = Math.abs(x);
    float scale = ax < Float.MIN_NORMAL ? 0x1p23f : 1.0f;
    float taken = ax < Float.MIN_NORMAL ? -23.0f : 0.0f;
    int bits = floatToRawIntBits(ax * scale);
    int wholeE = logExponent(bits);
    float m = intBitsToFloat(bits - (wholeE << 23));
    float e = wholeE + taken;

    float d = m + 1.0f;
    float dLost = m - (d - 1.0f);
    float inverse = 1.0f / d;
    float s = (m - 1.0f) * inverse;
    float sLost = fma(-s, dLost, fma(-s, d, m - 1.0f)) * inverse;
    float z = s * s;
    float p = 0x1.f161d2p-4f;
    p = fma(p, z, 0x1.23d312p-3f);
    p = fma(p, z, 0x1.999c28p-3f);
    p = fma(p, z, 0x1.555554p-2f);
    float small = fma(s * z, p, fma(sLost, z, sLost));
    float exact = e * LN2_HI;
    float sum = exact + 2.0f * s;
    float rest = fma(2.0f, s, exact - sum) + fma(e, LN2_LO, 2.0f * small);
    float hi = sum + rest;
    float lo = rest - (hi - sum);

    float product = y * hi;
    float productLost = fma(y, lo, fma(y, hi, -product));
    float c = product < -150.0f ? -150.0f : product;
    c = c > 150.0f ? 150.0f : c;
    productLost = c == product ? productLost : 0.0f;
    float t = fma(c, LOG2_E, ROUNDER);
    float r = expRest(c, t - ROUNDER) + productLost;
    float power = scale(1.0f + expRestMinusOne(r), floatToRawIntBits(t) - ROUNDER_BITS);

    float ay = Math.abs(y);
    int wholePart = (int) (ay < 0x1p24f ? ay : 0.0f);
    float fraction = ay < 0x1p24f ? ay - wholePart : 0.0f;
    int odd = fraction == 0.0f ? wholePart & 1 : 0;

    power = ax == 1.0f ? 1.0f : power;
    power = ax == 0.0f ? (y < 0.0f ? Float.POSITIVE_INFINITY : 0.0f) : power;
    power = ax == Float.POSITIVE_INFINITY ? (y < 0.0f ? 0.0f : Float.POSITIVE_INFINITY) : power;
    power = intBitsToFloat(floatToRawIntBits(power) | (floatToRawIntBits(x) & (odd << 31)));
    float negativeBase = fraction == 0.0f ? power : Float.NaN;
    negativeBase = x == Float.NEGATIVE_INFINITY ? power : negativeBase;
    power = x < 0.0f ? negativeBase : power;
    power = Float.isNaN(x) ? x : power;
    power = Float.isNaN(y) ? y : power;
    power = y == 0.0f ? 1.0f : power;
    return x == 1.0f ? 1.0f : power;
  }

  /** The sine of an angle in [-pi / 4, pi / 4]. */
  static float sinRest(float r) {
    float z = r * r;
    float p = -0x1.995408p-13f;
    p = fma(p, z, 0x1.110778p-7f);
    p = fma(p, z, -0x1.555546p-3f);
    return fma(p, z * r, r);
  }

  /** The cosine of an angle in [-pi / 4, pi / 4]. */
  static float cosRest(float r) {
    float z = r * r;
    float p = 0x1.99e80cp-16f;
    p = fma(p, z, -0x1.6c0c28p-10f);
    p = fma(p, z, 0x1.55554ap-5f);
    return fma(p, z * z, fma(z, -0.5f, 1.0f));
  }

  /** sin(r + n pi / 2), n modulo 4. */
  static float sinQuarters(float r, int n) {
    float y = (n & 1) != 0 ? cosRest(r) : sinRest(r);
    return intBitsToFloat(floatToRawIntBits(y) ^ ((n & 2) << 30));
  }

  private static float circleRest(float a, float n) {
    float r = fma(n, -HALF_PI_HI, a);
    r = fma(n, -HALF_PI_MID, r);
    r = fma(n, -HALF_PI_LO, r);
    r = r < -1.0f ? -1.0f : r;
    return r > 1.0f ? 1.0f : r;
  }

  /**
   * The sine.
   *
   * @param x an angle
   * @return {@code sin x}, error 1.57 ulp up to 1e5 and 1.68 ulp up to 1e6; larger angles lose
   *     digits, and beyond 6.5e6 the result only lies in [-1, 1]
   */
  public static float sin(float x) {
    float a = Math.abs(x);
    float t = fma(a, TWO_OVER_PI, ROUNDER);
    float y = sinQuarters(circleRest(a, t - ROUNDER), floatToRawIntBits(t));
    return intBitsToFloat(floatToRawIntBits(y) ^ (floatToRawIntBits(x) & SIGN));
  }

  /**
   * The cosine.
   *
   * @param x an angle
   * @return {@code cos x}, error 1.57 ulp up to 1e5 and 1.68 ulp up to 1e6; larger angles lose
   *     digits, and beyond 6.5e6 the result only lies in [-1, 1]
   */
  public static float cos(float x) {
    float a = Math.abs(x);
    float t = fma(a, TWO_OVER_PI, ROUNDER);
    return sinQuarters(circleRest(a, t - ROUNDER), floatToRawIntBits(t) + 1);
  }
}
