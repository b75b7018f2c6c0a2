/*
 * Routines of the common dialect: what is sequential by nature, one work item a matrix. Include it
 * after a prelude. Each is item, numbers, arrays, in the order in which a Routine lists them; the
 * Java twins do the same operations in the same order.
 */
#ifndef CR_ROUTINES_H
#define CR_ROUTINES_H

/*
 * a = l transpose(l) for a symmetric a [n, n], of which the lower triangle is read; the upper
 * triangle of l becomes 0. Each element takes its products away in ascending order. A pivot that is
 * not positive makes itself, and all that follows from it, NaN.
 */
CR_FN void cr_cholesky(cr_i64 item, cr_i32 n, CR_GLOBAL const float *a, CR_GLOBAL float *l) {
  a += item * n * n;
  l += item * n * n;
  for (cr_i32 i = 0; i < n; i++) {
    for (cr_i32 j = 0; j <= i; j++) {
      float rest = a[(cr_i64)i * n + j];
      for (cr_i32 k = 0; k < j; k++) {
        rest = cr_fma(-l[(cr_i64)i * n + k], l[(cr_i64)j * n + k], rest);
      }
      if (j < i) {
        l[(cr_i64)i * n + j] = rest / l[(cr_i64)j * n + j];
      } else {
        l[(cr_i64)i * n + j] = rest > 0.0f ? cr_sqrt(rest) : CR_NAN;
      }
    }
    for (cr_i32 j = i + 1; j < n; j++) {
      l[(cr_i64)i * n + j] = 0.0f;
    }
  }
}

/*
 * op(a) x = b for a triangular a [n, n] and b, x [n, m], by substitution; op transposes if
 * transpose is not 0, and lower says which triangle of a itself is read. Each element takes its
 * products away in ascending order.
 */
CR_FN void cr_triangular_solve(cr_i64 item, cr_i32 n, cr_i32 m, cr_i32 lower, cr_i32 transpose,
                               CR_GLOBAL const float *a, CR_GLOBAL const float *b,
                               CR_GLOBAL float *x) {
  cr_i64 down = transpose != 0 ? 1 : n;
  cr_i64 right = transpose != 0 ? n : 1;
  cr_i32 forward = (lower != 0) != (transpose != 0);
  a += item * n * n;
  b += item * n * m;
  x += item * n * m;
  for (cr_i32 step = 0; step < n; step++) {
    cr_i32 i = forward ? step : n - 1 - step;
    cr_i32 from = forward ? 0 : i + 1;
    cr_i32 to = forward ? i : n;
    for (cr_i32 c = 0; c < m; c++) {
      float rest = b[(cr_i64)i * m + c];
      for (cr_i32 k = from; k < to; k++) {
        rest = cr_fma(-a[i * down + k * right], x[(cr_i64)k * m + c], rest);
      }
      x[(cr_i64)i * m + c] = rest / a[i * down + i * right];
    }
  }
}

#endif
