/*
 * Prelude of the common dialect: plain C (gnu11), for the CPU.
 *
 * A prelude gives the few words whose spelling differs between C, OpenCL C and CUDA C; everything
 * else in this folder is written once and included after one of the three. All words here have
 * one exactly defined result, so that every target computes the same bits.
 *
 * Compile with -ffp-contract=off: a product and a sum are fused only where cr_fma says so.
 */
#ifndef CR_PRELUDE
#define CR_PRELUDE

typedef unsigned int cr_u32;
typedef int cr_i32;
typedef unsigned long long cr_u64;
typedef long long cr_i64;

#define CR_FN static inline __attribute__((always_inline, unused))
#define CR_KERNEL
#define CR_GLOBAL
#define CR_LOCAL
#define CR_CONST const
#define CR_RESTRICT restrict

#define CR_INF __builtin_inff()
#define CR_NAN __builtin_nanf("")

/* a * b + c, rounded once. */
CR_FN float cr_fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

/* The square root, correctly rounded. */
CR_FN float cr_sqrt(float x) { return __builtin_sqrtf(x); }

/* The largest integer not above x; exact, and it keeps the sign of zero. */
CR_FN float cr_floor(float x) { return __builtin_floorf(x); }

CR_FN cr_u32 cr_bits_of(float x) {
  cr_u32 bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

CR_FN float cr_float_of(cr_u32 bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

/* Integer to float, rounded to nearest, ties to even. */
CR_FN float cr_u32_to_f32(cr_u32 i) { return (float)i; }
CR_FN float cr_i32_to_f32(cr_i32 i) { return (float)i; }

/* Float to integer as Java's (int) cast: towards zero, saturating, NaN to 0. */
CR_FN cr_i32 cr_f32_to_i32(float x) {
  /* C leaves a cast out of range undefined, so only numbers in range ever reach it. */
  float low = x > -0x1p31f ? x : -0x1p31f;
  float inside = low < 0x1p31f ? low : 0.0f;
  cr_i32 i = (cr_i32)inside;
  i = low < 0x1p31f ? i : 0x7fffffff;
  return x == x ? i : 0;
}

/* The two halves of the 64-bit product a * b. */
CR_FN void cr_mul_hi_lo(cr_u32 a, cr_u32 b, cr_u32 *hi, cr_u32 *lo) {
  cr_u64 product = (cr_u64)a * b;
  *hi = (cr_u32)(product >> 32);
  *lo = (cr_u32)product;
}

/* Before a loop of few rounds, known in number, that had better not be a loop. */
#define CR_UNROLL

/* ---- For generated loops ---- */

/* The word of the parameter block that an index fault raises. */
#define CR_FAULT 3

/* A loop is one function over a range of kept elements. */
#define CR_PLAIN_C

/* The address space of a pointer to CR_LOCAL memory. */
#define CR_SHARED

/* What stands between these two is done by each of 256 lanes l, and finished by all of them before
 * any goes on. */
#define CR_FOR_LANES(l) for (cr_i32 l = 0; l < 256; l++) {
#define CR_END_LANES }

#endif
