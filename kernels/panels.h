/*
 * A sum of products for a processor: c[m, n] = sum over k of a[m, k] * b[k, n]. Each element is one
 * chain of fused multiply-adds over ascending k, whatever the tiling; between two blocks of steps
 * it waits in c.
 *
 * A group is one work item. It takes the columns of two vectors, whose factors it packs a block of
 * steps at a time, and a run of rows, a few of which stay in registers while the steps run.
 *
 * Include it after the OpenCL prelude and after
 *
 *   CR_GEMM_VECTOR      floats in a vector
 *   CR_GEMM_ROWS        rows in registers
 *   CR_GEMM_DEPTH       steps in a block
 *   CR_GEMM_AXES        whether m, n, k and the outer axes are several axes each, as in a
 *                       convolution; then CR_GEMM_ROW_a(i), CR_GEMM_ROW_c(i), CR_GEMM_COLUMN_b(j),
 *                       CR_GEMM_COLUMN_c(j), CR_GEMM_STEP_a(q), CR_GEMM_STEP_b(q) and
 *                       CR_GEMM_OUTER_a(o), _b(o), _c(o) say where an element lies
 *   CR_GEMM_A_ALONG_K   otherwise, whether neighbours along k are neighbours in a
 */
#ifndef CR_PANELS_H
#define CR_PANELS_H

#define CR_JOIN_WORDS(a, b) a##b
#define CR_JOIN(a, b) CR_JOIN_WORDS(a, b)
#define CR_GEMM_LOAD(from) CR_JOIN(vload, CR_GEMM_VECTOR)(0, from)
#define CR_GEMM_STORE(vector, to) CR_JOIN(vstore, CR_GEMM_VECTOR)(vector, 0, to)
#define CR_GEMM_WIDTH (2 * CR_GEMM_VECTOR)

#define CR_GEMM_FLOATS CR_JOIN(float, CR_GEMM_VECTOR)

#if CR_GEMM_AXES
#define CR_GEMM_STRIDES
#define CR_GEMM_OUTER(x) CR_GEMM_OUTER_##x((cr_i32)product)
#define CR_GEMM_ROW(x, i) CR_GEMM_ROW_##x((cr_i32)(i))
#define CR_GEMM_COLUMN(x, j) column_##x[j]
#define CR_GEMM_STEP(x, q) step_##x[q]
#define CR_GEMM_LEFT(q, r) l[r][step_a[q]]
#else
/* Strides are in elements: a_0 and a_1 along the outer axes (the second of extent batch), a_m, a_k
 * along its own, and so on. */
#define CR_GEMM_STRIDES                                                                          \
  const cr_i64 batch, const cr_i64 a_0, const cr_i64 a_1, const cr_i64 a_m, const cr_i64 a_k,    \
      const cr_i64 b_0, const cr_i64 b_1, const cr_i64 b_k, const cr_i64 b_n, const cr_i64 c_0,  \
      const cr_i64 c_1, const cr_i64 c_m, const cr_i64 c_n,
#define CR_GEMM_OUTER(x) (product / batch * x##_0 + product % batch * x##_1)
#define CR_GEMM_ROW(x, i) ((i) * x##_m)
#define CR_GEMM_COLUMN(x, j) ((n_0 + (j)) * x##_n)
#define CR_GEMM_STEP(x, q) ((k_0 + (q)) * x##_k)
#if CR_GEMM_A_ALONG_K
#define CR_GEMM_LEFT(q, r) l[r][k_0 + (q)]
#else
#define CR_GEMM_LEFT(q, r) left[(q) * CR_GEMM_ROWS + (r)]
#endif
#endif

/* A group takes chunk rows. Groups go through columns fastest, then rows, then outer axes. */
CR_KERNEL void cr_panels(CR_GLOBAL cr_i32 *params, CR_ARRAY(const float, a),
                         CR_ARRAY(const float, b), CR_ARRAY(float, c), const cr_i64 m,
                         const cr_i64 n, const cr_i64 k, CR_GEMM_STRIDES const cr_i64 chunk) {
  CR_LOCAL float right[CR_GEMM_DEPTH * CR_GEMM_WIDTH];
#if CR_GEMM_AXES
  CR_LOCAL cr_i32 step_a[CR_GEMM_DEPTH];
  CR_LOCAL cr_i32 step_b[CR_GEMM_DEPTH];
  cr_i32 column_b[CR_GEMM_WIDTH];
  cr_i32 column_c[CR_GEMM_WIDTH];
#elif !CR_GEMM_A_ALONG_K
  CR_LOCAL float left[CR_GEMM_DEPTH * CR_GEMM_ROWS];
#endif
  const cr_i64 across = (n + CR_GEMM_WIDTH - 1) / CR_GEMM_WIDTH;
  const cr_i64 down = (m + chunk - 1) / chunk;
  const cr_i64 product = CR_GROUP / (across * down);
  const cr_i64 m_0 = CR_GROUP / across % down * chunk;
  const cr_i64 n_0 = CR_GROUP % across * CR_GEMM_WIDTH;
  CR_GLOBAL const float *of_a = CR_START(a) + CR_GEMM_OUTER(a);
  CR_GLOBAL const float *of_b = CR_START(b) + CR_GEMM_OUTER(b);
  CR_GLOBAL float *of_c = CR_START(c) + CR_GEMM_OUTER(c);
  const cr_i64 end = m - m_0 < chunk ? m : m_0 + chunk;
  const cr_i32 columns = n - n_0 < CR_GEMM_WIDTH ? (cr_i32)(n - n_0) : CR_GEMM_WIDTH;
#if CR_GEMM_AXES
  for (cr_i32 j = 0; j < CR_GEMM_WIDTH; j++) {
    const cr_i32 column = (cr_i32)n_0 + (j < columns ? j : columns - 1);
    column_b[j] = CR_GEMM_COLUMN_b(column);
    column_c[j] = CR_GEMM_COLUMN_c(column);
  }
#endif
  cr_i32 near_b = columns == CR_GEMM_WIDTH;
  cr_i32 near_c = columns == CR_GEMM_WIDTH;
  for (cr_i32 j = 1; j < CR_GEMM_WIDTH; j++) {
    near_b &= CR_GEMM_COLUMN(b, j) - CR_GEMM_COLUMN(b, j - 1) == 1;
    near_c &= CR_GEMM_COLUMN(c, j) - CR_GEMM_COLUMN(c, j - 1) == 1;
  }

  for (cr_i64 k_0 = 0; k_0 < k; k_0 += CR_GEMM_DEPTH) {
    const cr_i32 steps = k - k_0 < CR_GEMM_DEPTH ? (cr_i32)(k - k_0) : CR_GEMM_DEPTH;
#if CR_GEMM_AXES
    for (cr_i32 q = 0; q < steps; q++) {
      step_a[q] = CR_GEMM_STEP_a(((cr_i32)k_0 + q));
      step_b[q] = CR_GEMM_STEP_b(((cr_i32)k_0 + q));
    }
#endif

    /* Packs the columns side by side, zeros where there are none. */
    for (cr_i32 q = 0; q < steps;) {
      cr_i32 run = q + CR_GEMM_VECTOR <= steps;
      for (cr_i32 i = 1; run && i < CR_GEMM_VECTOR; i++) {
        run &= CR_GEMM_STEP(b, q + i) - CR_GEMM_STEP(b, q + i - 1) == 1;
      }
      CR_LOCAL float *to = right + q * CR_GEMM_WIDTH;
      if (near_b) {
        CR_GLOBAL const float *from = of_b + CR_GEMM_STEP(b, q) + CR_GEMM_COLUMN(b, 0);
        CR_GEMM_STORE(CR_GEMM_LOAD(from), to);
        CR_GEMM_STORE(CR_GEMM_LOAD(from + CR_GEMM_VECTOR), to + CR_GEMM_VECTOR);
        q++;
      } else if (run) {
        /* Squares are turned by merging row j with row j + half their number, again and again. */
        for (cr_i32 side = 0; side < CR_GEMM_WIDTH; side += CR_GEMM_VECTOR) {
          CR_GEMM_FLOATS x[CR_GEMM_VECTOR];
          CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_VECTOR; j++) {
            const cr_i32 column = side + j < columns ? side + j : columns - 1;
            x[j] = CR_GEMM_LOAD(of_b + CR_GEMM_STEP(b, q) + CR_GEMM_COLUMN(b, column));
          }
          CR_UNROLL for (cr_i32 span = 1; span < CR_GEMM_VECTOR; span *= 2) {
            CR_GEMM_FLOATS y[CR_GEMM_VECTOR];
            CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_VECTOR / 2; j++) {
              y[2 * j].even = x[j].lo;
              y[2 * j].odd = x[j + CR_GEMM_VECTOR / 2].lo;
              y[2 * j + 1].even = x[j].hi;
              y[2 * j + 1].odd = x[j + CR_GEMM_VECTOR / 2].hi;
            }
            CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_VECTOR; j++) {
              x[j] = y[j];
            }
          }
          CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_VECTOR; j++) {
            CR_GEMM_STORE(x[j], to + j * CR_GEMM_WIDTH + side);
          }
        }
        q += CR_GEMM_VECTOR;
      } else {
        for (cr_i32 j = 0; j < CR_GEMM_WIDTH; j++) {
          to[j] = j < columns ? of_b[CR_GEMM_STEP(b, q) + CR_GEMM_COLUMN(b, j)] : 0.0f;
        }
        q++;
      }
    }

    for (cr_i64 i = m_0; i < end; i += CR_GEMM_ROWS) {
      /* Rows that are not there repeat the last one, and are not stored. */
      const cr_i32 rows = end - i < CR_GEMM_ROWS ? (cr_i32)(end - i) : CR_GEMM_ROWS;
      const cr_i32 whole = rows == CR_GEMM_ROWS && near_c;
      CR_GLOBAL const float *l[CR_GEMM_ROWS];
      CR_GLOBAL float *to[CR_GEMM_ROWS];
      CR_GEMM_FLOATS s[CR_GEMM_ROWS];
      CR_GEMM_FLOATS t[CR_GEMM_ROWS];
      CR_UNROLL for (cr_i32 r = 0; r < CR_GEMM_ROWS; r++) {
        const cr_i64 row = i + (r < rows ? r : rows - 1);
        l[r] = of_a + CR_GEMM_ROW(a, row);
        to[r] = of_c + CR_GEMM_ROW(c, row);
        s[r] = (CR_GEMM_FLOATS)(0.0f);
        t[r] = (CR_GEMM_FLOATS)(0.0f);
        if (k_0 > 0) {
          if (whole) {
            s[r] = CR_GEMM_LOAD(to[r] + CR_GEMM_COLUMN(c, 0));
            t[r] = CR_GEMM_LOAD(to[r] + CR_GEMM_COLUMN(c, 0) + CR_GEMM_VECTOR);
          } else {
            float row[CR_GEMM_WIDTH];
            for (cr_i32 j = 0; j < columns; j++) {
              row[j] = to[r][CR_GEMM_COLUMN(c, j)];
            }
            s[r] = CR_GEMM_LOAD(row);
            t[r] = CR_GEMM_LOAD(row + CR_GEMM_VECTOR);
          }
        }
      }
#if !CR_GEMM_AXES && !CR_GEMM_A_ALONG_K
      for (cr_i32 q = 0; q < steps; q++) {
        CR_UNROLL for (cr_i32 r = 0; r < CR_GEMM_ROWS; r++) {
          left[q * CR_GEMM_ROWS + r] = l[r][CR_GEMM_STEP(a, q)];
        }
      }
#endif
      for (cr_i32 q = 0; q < steps; q++) {
        const CR_GEMM_FLOATS u = CR_GEMM_LOAD(right + q * CR_GEMM_WIDTH);
        const CR_GEMM_FLOATS v = CR_GEMM_LOAD(right + q * CR_GEMM_WIDTH + CR_GEMM_VECTOR);
        CR_UNROLL for (cr_i32 r = 0; r < CR_GEMM_ROWS; r++) {
          const CR_GEMM_FLOATS factor = (CR_GEMM_FLOATS)(CR_GEMM_LEFT(q, r));
          s[r] = fma(factor, u, s[r]);
          t[r] = fma(factor, v, t[r]);
        }
      }
      CR_UNROLL for (cr_i32 r = 0; r < CR_GEMM_ROWS; r++) {
        if (whole) {
          CR_GEMM_STORE(s[r], to[r] + CR_GEMM_COLUMN(c, 0));
          CR_GEMM_STORE(t[r], to[r] + CR_GEMM_COLUMN(c, 0) + CR_GEMM_VECTOR);
        } else if (r < rows) {
          float row[CR_GEMM_WIDTH];
          CR_GEMM_STORE(s[r], row);
          CR_GEMM_STORE(t[r], row + CR_GEMM_VECTOR);
          for (cr_i32 j = 0; j < columns; j++) {
            to[r][CR_GEMM_COLUMN(c, j)] = row[j];
          }
        }
      }
    }
  }
}

#endif
