/*
 * What generated loops are written with, beside math.h and philox.h: integers that wrap around,
 * indices that round down, and the words that several values are compared with.
 */
#ifndef CR_LOOPS_H
#define CR_LOOPS_H

/* ---- int32: wraps around; a quotient by 0 is 0; shifts count modulo 32 ---- */

CR_FN cr_i32 cr_neg_i32(cr_i32 a) { return (cr_i32)(0u - (cr_u32)a); }
CR_FN cr_i32 cr_abs_i32(cr_i32 a) { return a < 0 ? cr_neg_i32(a) : a; }
CR_FN cr_i32 cr_sign_i32(cr_i32 a) { return (a > 0) - (a < 0); }
CR_FN cr_i32 cr_add_i32(cr_i32 a, cr_i32 b) { return (cr_i32)((cr_u32)a + (cr_u32)b); }
CR_FN cr_i32 cr_sub_i32(cr_i32 a, cr_i32 b) { return (cr_i32)((cr_u32)a - (cr_u32)b); }
CR_FN cr_i32 cr_mul_i32(cr_i32 a, cr_i32 b) { return (cr_i32)((cr_u32)a * (cr_u32)b); }
CR_FN cr_i32 cr_div_i32(cr_i32 a, cr_i32 b) {
  if (b == 0) {
    return 0;
  }
  /* The one quotient out of range, the smallest number by -1, wraps around. */
  return b == -1 ? cr_neg_i32(a) : a / b;
}
CR_FN cr_i32 cr_min_i32(cr_i32 a, cr_i32 b) { return a < b ? a : b; }
CR_FN cr_i32 cr_max_i32(cr_i32 a, cr_i32 b) { return a > b ? a : b; }
CR_FN cr_i32 cr_shr_i32(cr_i32 a, cr_i32 b) { return (cr_i32)((cr_u32)a >> (b & 31)); }
CR_FN cr_i32 cr_ult_i32(cr_i32 a, cr_i32 b) { return (cr_u32)a < (cr_u32)b; }

/* ---- float32 ---- */

/* -1, 1, or x itself if it is a zero or NaN. */
CR_FN float cr_sign(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x); }

/* Whether a takes b's place as the largest (smallest) value; NaN takes any number's. */
CR_FN cr_i32 cr_above(float a, float b) { return a > b || (a != a && b == b); }
CR_FN cr_i32 cr_below(float a, float b) { return a < b || (a != a && b == b); }
CR_FN cr_i32 cr_above_i32(cr_i32 a, cr_i32 b) { return a > b; }
CR_FN cr_i32 cr_below_i32(cr_i32 a, cr_i32 b) { return a < b; }

/* ---- Indices ---- */

/* Quotient and remainder by a positive number, rounded down. */
CR_FN cr_i64 cr_floor_div(cr_i64 a, cr_i64 b) { return a / b - (a % b < 0); }
CR_FN cr_i64 cr_floor_mod(cr_i64 a, cr_i64 b) { return a % b + (a % b < 0 ? b : 0); }

/* An index read from memory; one outside [0, bound) raises the fault and counts as 0. */
CR_FN cr_i32 cr_checked(CR_GLOBAL cr_i32 *params, cr_i32 index, cr_i32 bound) {
  if (index < 0 || index >= bound) {
    params[CR_FAULT] = 1;
    return 0;
  }
  return index;
}

#endif
