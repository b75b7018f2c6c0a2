/*
 * Float32 mathematics of the common dialect; include it after a prelude, and by its folder's name
 * (kernels/math.h): on the include path this folder would hide the C library's math.h.
 *
 * Every function is built from + - * / fma sqrt, comparisons with selects, and integer steps, all
 * of which are exactly rounded on every target, so every target computes the same bits (a NaN's
 * payload excepted). No function branches: a loop over one vectorises. IEEE edges are kept:
 * infinities, NaN, signed zeros, subnormal arguments and results.
 *
 * "Error" is the largest distance to the true value in units in the last place (ulp) of the float
 * nearest to it, measured over every fifth float of the domain (pow: over 8e7 pairs). The
 * polynomials are minimax fits, their coefficients rounded to float one after another from the
 * lowest order; even and odd powers are summed apart where the shorter wait pays.
 */
#ifndef CR_MATH_H
#define CR_MATH_H

/* Adding and subtracting 1.5 * 2^23 rounds to an integer, which the sum's low bits then hold. */
#define CR_ROUNDER 0x1.8p23f
#define CR_ROUNDER_BITS 0x4b400000u

#define CR_FLOAT_MIN_NORMAL 0x1p-126f
#define CR_SQRT_HALF_BITS 0x3f3504f3u
#define CR_LOG2_E 0x1.715476p0f
#define CR_2_OVER_PI 0x1.45f306p-1f

/* ln 2 in two parts; the first has 15 bits, so that its product with an exponent is exact. */
#define CR_LN2_HI 0x1.62e4p-1f
#define CR_LN2_LO 0x1.7f7d1cp-20f

/* pi / 2 in three parts, their sum good to 2^-75. */
#define CR_HALF_PI_HI 0x1.921fb6p0f
#define CR_HALF_PI_MID (-0x1.777a5cp-25f)
#define CR_HALF_PI_LO (-0x1.ee59dap-50f)

/* ---- Signs, order ---- */

/* The magnitude. Error: none. */
CR_FN float cr_abs(float x) { return cr_float_of(cr_bits_of(x) & 0x7fffffffu); }

/* The magnitude of a non-negative number or NaN, with x's sign. Error: none. */
CR_FN float cr_with_sign_of(float magnitude, float x) {
  return cr_float_of(cr_bits_of(magnitude) | (cr_bits_of(x) & 0x80000000u));
}

/* The smaller one; NaN if either is NaN; -0 is below +0. Error: none. */
CR_FN float cr_min(float a, float b) {
  /* Equal numbers differ at most in the sign of zero, which the union of their bits decides. */
  float equal_or_nan = a == b ? cr_float_of(cr_bits_of(a) | cr_bits_of(b)) : a + b;
  float not_below = b < a ? b : equal_or_nan;
  return a < b ? a : not_below;
}

/* The larger one; NaN if either is NaN; +0 is above -0. Error: none. */
CR_FN float cr_max(float a, float b) {
  float equal_or_nan = a == b ? cr_float_of(cr_bits_of(a) & cr_bits_of(b)) : a + b;
  float not_above = b > a ? b : equal_or_nan;
  return a > b ? a : not_above;
}

/* 1 / sqrt(x). Error: 1.50 ulp. */
CR_FN float cr_rsqrt(float x) { return 1.0f / cr_sqrt(x); }

/* ---- Exponentials: x = n ln 2 + r with |r| <= ln 2 / 2 ---- */

/* 2^i for -126 <= i <= 127. */
CR_FN float cr_power_of_two(cr_i32 i) { return cr_float_of((cr_u32)(i + 127) << 23); }

/* r, when n is a whole float. */
CR_FN float cr_exp_rest(float x, float n) {
  return cr_fma(n, -CR_LN2_LO, cr_fma(n, -CR_LN2_HI, x));
}

/* exp(r) - 1, relative error 2^-31 before rounding. */
CR_FN float cr_exp_rest_minus_one(float r) {
  float z = r * r;
  float even = cr_fma(0x1.6d3a86p-10f, z, 0x1.5554f8p-5f);
  float odd = cr_fma(0x1.9e7d14p-13f, z, 0x1.1112d4p-7f);
  even = cr_fma(even, z, 0.5f);
  odd = cr_fma(odd, z, 0x1.555554p-3f);
  return cr_fma(cr_fma(odd, r, even), z, r);
}

/* p * 2^i for |i| <= 252; two factors, since 2^i itself may be out of range. */
CR_FN float cr_scale(float p, cr_i32 i) {
  cr_i32 first = i >> 1;
  return p * cr_power_of_two(first) * cr_power_of_two(i - first);
}

/* e^x. Error: 1.02 ulp. */
CR_FN float cr_exp(float x) {
  /* Beyond these bounds the result is 0 or infinity anyway; NaN fails both tests and stays. */
  float c = x < -104.0f ? -104.0f : x;
  c = c > 89.0f ? 89.0f : c;
  float t = cr_fma(c, CR_LOG2_E, CR_ROUNDER);
  float r = cr_exp_rest(c, t - CR_ROUNDER);
  return cr_scale(1.0f + cr_exp_rest_minus_one(r), (cr_i32)(cr_bits_of(t) - CR_ROUNDER_BITS));
}

/* e^-|x|, the bits of cr_exp(-|x|) with fewer steps: no infinity is in reach, and one fixed factor
 * serves all the powers of two, 2^-150 to 1. */
CR_FN float cr_exp_below(float x) {
  float c = cr_float_of(cr_bits_of(x) | 0x80000000u);
  c = c < -104.0f ? -104.0f : c;
  float t = cr_fma(c, CR_LOG2_E, CR_ROUNDER);
  float p = 1.0f + cr_exp_rest_minus_one(cr_exp_rest(c, t - CR_ROUNDER));
  /* The shift drops the bits of the rounder, whose lowest nine are 0. */
  return p * cr_float_of((cr_bits_of(t) + (127u + 64u)) << 23) * 0x1p-64f;
}

/* e^x - 1. Error: 1.50 ulp. */
CR_FN float cr_expm1(float x) {
  float c = x < -30.0f ? -30.0f : x;
  c = c > 89.0f ? 89.0f : c;
  float t = cr_fma(c, CR_LOG2_E, CR_ROUNDER);
  float r = cr_exp_rest(c, t - CR_ROUNDER);
  /* Half of 2^n is used, and the result doubled, since 2^128 is no float. */
  float half_power = cr_power_of_two((cr_i32)(cr_bits_of(t) - CR_ROUNDER_BITS) - 1);
  float y = 2.0f * cr_fma(half_power, cr_exp_rest_minus_one(r), half_power - 0.5f);
  /* Near zero the halving would cost a subnormal its last bit, and -0 its sign. */
  return cr_abs(x) < 0x1p-26f ? x : y;
}

/* 1 / (1 + e^-x). Error: 2.37 ulp. */
CR_FN float cr_sigmoid(float x) {
  float z = cr_exp_below(x);
  return (x >= 0.0f ? 1.0f : z) / (1.0f + z);
}

/* The hyperbolic tangent. Error: 2.50 ulp. */
CR_FN float cr_tanh(float x) {
  float t = cr_expm1(-2.0f * cr_abs(x));
  return cr_with_sign_of(-t / (2.0f + t), x);
}

/* The error function, as 1 - exp(-a q(a)) with a = |x|: one polynomial serves the whole line,
 * and the result is 1 well before a = 4. Error: 1.70 ulp. */
CR_FN float cr_erf(float x) {
  float a = cr_abs(x);
  a = a > 4.0f ? 4.0f : a;
  float q = -0x1.386292p-17f;
  q = cr_fma(q, a, 0x1.efb4ccp-14f);
  q = cr_fma(q, a, -0x1.4cef5cp-11f);
  q = cr_fma(q, a, 0x1.b62cd6p-10f);
  q = cr_fma(q, a, -0x1.5ae85cp-13f);
  q = cr_fma(q, a, -0x1.39c0e6p-6f);
  q = cr_fma(q, a, 0x1.a4f95ep-4f);
  q = cr_fma(q, a, 0x1.45f2fep-1f);
  /* The leading coefficient, 2 / sqrt(pi), is kept in two parts. */
  q = cr_fma(q, a, -0x1.f7ac92p-25f);
  float exponent = cr_fma(a, 0x1.20dd76p0f, a * q);
  return cr_with_sign_of(-cr_expm1(-exponent), x);
}

/* ---- Logarithms: x = 2^e m with m in [sqrt(1/2), sqrt(2)) ---- */

/* The exponent e of a positive normal float, given its bits. */
CR_FN cr_i32 cr_log_exponent(cr_u32 bits) { return (cr_i32)(bits - CR_SQRT_HALF_BITS) >> 23; }

/* log((1 + f) 2^e) for 1 + f in [sqrt(1/2), sqrt(2)); the polynomial's error is 2^-27. */
CR_FN float cr_log_sum(float f, float e) {
  float z = f * f;
  float even = cr_fma(0x1.055ec6p-3f, z, 0x1.22d92ep-3f);
  float odd = cr_fma(-0x1.38c9dep-4f, z, -0x1.0d8242p-3f);
  even = cr_fma(even, z, 0x1.99a01cp-3f);
  odd = cr_fma(odd, z, -0x1.54728ap-3f);
  even = cr_fma(even, z, 0x1.555554p-2f);
  odd = cr_fma(odd, z, -0x1.000226p-2f);
  float small = cr_fma(z * f, cr_fma(odd, f, even), e * CR_LN2_LO);
  return cr_fma(e, CR_LN2_HI, f + cr_fma(z, -0.5f, small));
}

/* log(x) for a positive normal x; anything else gives no defined number. Error: that of cr_log. */
CR_FN float cr_log_normal(float x) {
  cr_u32 bits = cr_bits_of(x);
  cr_i32 e = cr_log_exponent(bits);
  float m = cr_float_of(bits - ((cr_u32)e << 23));
  return cr_log_sum(m - 1.0f, cr_i32_to_f32(e));
}

/* The natural logarithm. Error: 0.86 ulp. */
CR_FN float cr_log(float x) {
  /* A subnormal is made normal by a power of two, which the exponent takes back. */
  float scale = x < CR_FLOAT_MIN_NORMAL ? 0x1p23f : 1.0f;
  float taken = x < CR_FLOAT_MIN_NORMAL ? -23.0f : 0.0f;
  cr_u32 bits = cr_bits_of(x * scale);
  cr_i32 e = cr_log_exponent(bits);
  float m = cr_float_of(bits - ((cr_u32)e << 23));
  float y = cr_log_sum(m - 1.0f, cr_i32_to_f32(e) + taken);
  /* What is left of the line: NaN and +infinity (both x itself), zero, the negative. */
  y = x < CR_INF ? y : x;
  y = x == 0.0f ? -CR_INF : y;
  return x < 0.0f ? CR_NAN : y;
}

/* log(1 + x). Error: 1.43 ulp. */
CR_FN float cr_log1p(float x) {
  /* The largest arguments are scaled down, so that 2^-e below stays a normal number. */
  float scaled = x > 0x1p100f ? x * 0x1p-64f : x;
  float given = x > 0x1p100f ? 64.0f : 0.0f;
  cr_i32 e = cr_log_exponent(cr_bits_of(1.0f + scaled));
  /* f = (1 + x) / 2^e - 1 from x itself, in one rounding: what 1 + x lost plays no part. */
  float s = cr_power_of_two(-e);
  float y = cr_log_sum(cr_fma(scaled, s, s - 1.0f), cr_i32_to_f32(e) + given);
  y = x < CR_INF ? y : x;
  y = x == 0.0f ? x : y;
  y = x == -1.0f ? -CR_INF : y;
  return x < -1.0f ? CR_NAN : y;
}

/* log(1 + e^x), stable: it never overflows and keeps its digits for negative x.
 * Error: 1.71 ulp. */
CR_FN float cr_softplus(float x) {
  /* max(x, 0) + log1p(z) with z in [0, 1], where log1p needs only the exponents 0 and 1. */
  float z = cr_exp_below(x);
  float f = z > 0x1.a82798p-2f ? cr_fma(z, 0.5f, -0.5f) : z;
  float e = z > 0x1.a82798p-2f ? 1.0f : 0.0f;
  return (x > 0.0f ? x : 0.0f) + cr_log_sum(f, e);
}

/* x^y with C99's edges: pow(x, 0) = pow(1, y) = 1 even for NaN, pow(-1, +-inf) = 1; a negative
 * base wants a whole exponent, else NaN. Error: 2.25 ulp. */
CR_FN float cr_pow(float x, float y) {
  float ax = cr_abs(x);
  float scale = ax < CR_FLOAT_MIN_NORMAL ? 0x1p23f : 1.0f;
  float taken = ax < CR_FLOAT_MIN_NORMAL ? -23.0f : 0.0f;
  cr_u32 bits = cr_bits_of(ax * scale);
  cr_i32 ie = cr_log_exponent(bits);
  float m = cr_float_of(bits - ((cr_u32)ie << 23));
  float e = cr_i32_to_f32(ie) + taken;

  /* log|x| = e ln 2 + 2 atanh(s), s = (m - 1) / (m + 1), as a sum hi + lo of two floats, since
   * the product with y multiplies its relative error by up to 100. */
  float d = m + 1.0f;
  float d_lost = m - (d - 1.0f);
  float inverse = 1.0f / d;
  float s = (m - 1.0f) * inverse;
  float s_lost = cr_fma(-s, d_lost, cr_fma(-s, d, m - 1.0f)) * inverse;
  float z = s * s;
  float p = 0x1.f161d2p-4f;
  p = cr_fma(p, z, 0x1.23d312p-3f);
  p = cr_fma(p, z, 0x1.999c28p-3f);
  p = cr_fma(p, z, 0x1.555554p-2f);
  /* What s lost counts 1 + z times, the slope of atanh. */
  float small = cr_fma(s * z, p, cr_fma(s_lost, z, s_lost));
  float exact = e * CR_LN2_HI;
  float sum = exact + 2.0f * s;
  float rest = cr_fma(2.0f, s, exact - sum) + cr_fma(e, CR_LN2_LO, 2.0f * small);
  float hi = sum + rest;
  float lo = rest - (hi - sum);

  /* |x|^y = exp(product + product_lost); beyond +-150 it is 0 or infinity anyway. */
  float product = y * hi;
  float product_lost = cr_fma(y, lo, cr_fma(y, hi, -product));
  float c = product < -150.0f ? -150.0f : product;
  c = c > 150.0f ? 150.0f : c;
  product_lost = c == product ? product_lost : 0.0f;
  float t = cr_fma(c, CR_LOG2_E, CR_ROUNDER);
  float r = cr_exp_rest(c, t - CR_ROUNDER) + product_lost;
  float power =
      cr_scale(1.0f + cr_exp_rest_minus_one(r), (cr_i32)(cr_bits_of(t) - CR_ROUNDER_BITS));

  /* From 2^24 on every float is even. */
  float ay = cr_abs(y);
  cr_i32 whole_part = cr_f32_to_i32(ay < 0x1p24f ? ay : 0.0f);
  float fraction = ay < 0x1p24f ? ay - cr_i32_to_f32(whole_part) : 0.0f;
  cr_u32 odd = fraction == 0.0f ? (cr_u32)whole_part & 1u : 0u;

  power = ax == 1.0f ? 1.0f : power;
  power = ax == 0.0f ? (y < 0.0f ? CR_INF : 0.0f) : power;
  power = ax == CR_INF ? (y < 0.0f ? 0.0f : CR_INF) : power;
  power = cr_float_of(cr_bits_of(power) | (cr_bits_of(x) & (odd << 31)));
  float negative_base = fraction == 0.0f ? power : CR_NAN;
  negative_base = x == -CR_INF ? power : negative_base;
  power = x < 0.0f ? negative_base : power;
  power = x == x ? power : x;
  power = y == y ? power : y;
  power = y == 0.0f ? 1.0f : power;
  return x == 1.0f ? 1.0f : power;
}

/* ---- Circular functions: x = n pi / 2 + r with |r| <= pi / 4 ---- */

/* sin(r), the polynomial's error 2^-28. */
CR_FN float cr_sin_rest(float r) {
  float z = r * r;
  float p = -0x1.995408p-13f;
  p = cr_fma(p, z, 0x1.110778p-7f);
  p = cr_fma(p, z, -0x1.555546p-3f);
  return cr_fma(p, z * r, r);
}

/* cos(r), the polynomial's error 2^-33. */
CR_FN float cr_cos_rest(float r) {
  float z = r * r;
  float p = 0x1.99e80cp-16f;
  p = cr_fma(p, z, -0x1.6c0c28p-10f);
  p = cr_fma(p, z, 0x1.55554ap-5f);
  return cr_fma(p, z * z, cr_fma(z, -0.5f, 1.0f));
}

/* sin(r + n pi / 2), n modulo 4. */
CR_FN float cr_sin_quarters(float r, cr_u32 n) {
  float y = (n & 1u) != 0u ? cr_cos_rest(r) : cr_sin_rest(r);
  return cr_float_of(cr_bits_of(y) ^ ((n & 2u) << 30));
}

/* r for a = |x|. The first step is exact, the other two round what is left once each. From about
 * 1e5 on, r may pass pi / 4 a little, since n is rounded from a float product; far beyond that, the
 * bound keeps the result finite. */
CR_FN float cr_circle_rest(float a, float n) {
  float r = cr_fma(n, -CR_HALF_PI_HI, a);
  r = cr_fma(n, -CR_HALF_PI_MID, r);
  r = cr_fma(n, -CR_HALF_PI_LO, r);
  r = r < -1.0f ? -1.0f : r;
  return r > 1.0f ? 1.0f : r;
}

/* The sine of x radians. Error: 1.57 ulp up to |x| = 1e5, 1.68 ulp up to 1e6; larger angles lose
 * digits, and beyond 6.5e6 the result only lies in [-1, 1]. */
CR_FN float cr_sin(float x) {
  float a = cr_abs(x);
  float t = cr_fma(a, CR_2_OVER_PI, CR_ROUNDER);
  float y = cr_sin_quarters(cr_circle_rest(a, t - CR_ROUNDER), cr_bits_of(t));
  return cr_float_of(cr_bits_of(y) ^ (cr_bits_of(x) & 0x80000000u));
}

/* The cosine of x radians. Error: as the sine's. */
CR_FN float cr_cos(float x) {
  float a = cr_abs(x);
  float t = cr_fma(a, CR_2_OVER_PI, CR_ROUNDER);
  return cr_sin_quarters(cr_circle_rest(a, t - CR_ROUNDER), cr_bits_of(t) + 1u);
}

#endif
