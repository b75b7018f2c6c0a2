/*
 * A sum of products in tiles, for a GPU: c[m, n] = sum over k of a[m, k] * b[k, n], for outer axes
 * of independent products. Each element is one chain of fused multiply-adds over ascending k,
 * whatever the tiling, so that its bits are those of every other device.
 *
 * In a matrix product each of m, n and k is one axis, and the strides are arguments. In a
 * convolution, as in its gradients, each is several axes, as (channel, row, column) are the k of an
 * image's convolution: nothing is copied, but the tiles gather their factors from where they lie.
 *
 * Include it after the prelude of OpenCL or CUDA and after the definitions that ProductTiles of the
 * package kernel prints, which chooses the tile as well and lists the kernel's arguments:
 *
 *   CR_GEMM_ACROSS, CR_GEMM_DOWN   work items of a tile, which is one work group's
 *   CR_GEMM_ROWS, CR_GEMM_COLUMNS  elements of c that a work item computes
 *   CR_GEMM_TOGETHER               how many of its columns are neighbours
 *   CR_GEMM_DEPTH                  steps along k that local memory holds
 *   CR_GEMM_A_ALONG_K              whether neighbours in a are neighbours along k (else along m)
 *   CR_GEMM_B_ALONG_N              whether neighbours in b are neighbours along n (else along k)
 *   CR_GEMM_AXES                   whether m, n, k and the outer axes are several axes each; then
 *                                  CR_GEMM_ROW_a(i), CR_GEMM_ROW_c(i), CR_GEMM_COLUMN_b(j),
 *                                  CR_GEMM_COLUMN_c(j), CR_GEMM_STEP_a(q), CR_GEMM_STEP_b(q) and
 *                                  CR_GEMM_OUTER_a(o), _b(o), _c(o) say where an element lies
 *
 * The kernel cr_gemm takes the parameter block, the arrays a, b and c, the extents m, n and k and,
 * without CR_GEMM_AXES, the strides; a group of CR_GEMM_ACROSS * CR_GEMM_DOWN work items a tile.
 * A program with kernels of several shapes defines cr_gemm as another name before each of them, and
 * undefines what begins with CR_GEMM afterwards.
 */
#ifndef CR_GEMM_H
#define CR_GEMM_H

#define CR_GEMM_ITEMS (CR_GEMM_ACROSS * CR_GEMM_DOWN)
#define CR_GEMM_HEIGHT (CR_GEMM_DOWN * CR_GEMM_ROWS)
#define CR_GEMM_WIDTH (CR_GEMM_ACROSS * CR_GEMM_COLUMNS)

/* What is written along k into local memory, whose neighbours lie along m or n, would meet the same
 * bank again and again; four more floats a step keep the writers apart and vectors aligned. */
#define CR_GEMM_SPACED(floats, along_k) ((along_k) ? (floats) + 4 : (floats))
#define CR_GEMM_LEFT CR_GEMM_SPACED(CR_GEMM_HEIGHT, CR_GEMM_A_ALONG_K)
#define CR_GEMM_RIGHT CR_GEMM_SPACED(CR_GEMM_WIDTH, !CR_GEMM_B_ALONG_N)

/* The column within the tile of a work item's column j. */
#define CR_GEMM_PLACE(x, j)                                                \
  ((j) / CR_GEMM_TOGETHER * (CR_GEMM_ACROSS * CR_GEMM_TOGETHER) +          \
   (x) * CR_GEMM_TOGETHER + (j) % CR_GEMM_TOGETHER)

#if CR_GEMM_AXES
#define CR_GEMM_STRIDES
#define CR_GEMM_OUTER(x) CR_GEMM_OUTER_##x((cr_i32)product)
#define CR_GEMM_OF_A(i, q) left[row_a[i] + step_a[now + (q)]]
#define CR_GEMM_OF_B(q, j) right[step_b[now + (q)] + column_b[j]]
#define CR_GEMM_OF_C(i, j) out[CR_GEMM_ROW_c((cr_i32)(i)) + CR_GEMM_COLUMN_c((cr_i32)(j))]
#else
/* Strides are in elements: a_0 and a_1 along the outer axes (the second of extent batch), a_m, a_k
 * along its own, and so on. */
#define CR_GEMM_STRIDES                                                                          \
  , const cr_i64 batch, const cr_i64 a_0, const cr_i64 a_1, const cr_i64 a_m, const cr_i64 a_k,  \
      const cr_i64 b_0, const cr_i64 b_1, const cr_i64 b_k, const cr_i64 b_n, const cr_i64 c_0,  \
      const cr_i64 c_1, const cr_i64 c_m, const cr_i64 c_n
#define CR_GEMM_OUTER(x) (product / batch * x##_0 + product % batch * x##_1)
/* What lies outside is never used: no step is made beyond k, no element stored beyond m and n. */
#define CR_GEMM_OF_A(i, q) \
  (m_0 + (i) < m && k_0 + (q) < k ? left[(m_0 + (i)) * a_m + (k_0 + (q)) * a_k] : 0.0f)
#define CR_GEMM_OF_B(q, j) \
  (n_0 + (j) < n && k_0 + (q) < k ? right[(k_0 + (q)) * b_k + (n_0 + (j)) * b_n] : 0.0f)
#define CR_GEMM_OF_C(i, j) out[(i) * c_m + (j) * c_n]
#endif

/* A group for each tile, columns fastest, then rows, then outer axes. */
CR_KERNEL void cr_gemm(CR_GLOBAL cr_i32 *params, CR_ARRAY(const float, a), CR_ARRAY(const float, b),
                       CR_ARRAY(float, c), const cr_i64 m, const cr_i64 n,
                       const cr_i64 k CR_GEMM_STRIDES) {
  CR_LOCAL float rows[CR_GEMM_DEPTH * CR_GEMM_LEFT];
  CR_LOCAL float columns[CR_GEMM_DEPTH * CR_GEMM_RIGHT];
  const cr_i64 across = (n + CR_GEMM_WIDTH - 1) / CR_GEMM_WIDTH;
  const cr_i64 down = (m + CR_GEMM_HEIGHT - 1) / CR_GEMM_HEIGHT;
  const cr_i64 product = CR_GROUP / (across * down);
  const cr_i64 m_0 = CR_GROUP / across % down * CR_GEMM_HEIGHT;
  const cr_i64 n_0 = CR_GROUP % across * CR_GEMM_WIDTH;
  CR_GLOBAL const float *left = CR_START(a) + CR_GEMM_OUTER(a);
  CR_GLOBAL const float *right = CR_START(b) + CR_GEMM_OUTER(b);
  CR_GLOBAL float *out = CR_START(c) + CR_GEMM_OUTER(c);
  const cr_i32 item = CR_LANE;
  const cr_i32 x = item % CR_GEMM_ACROSS;
  const cr_i32 y = item / CR_GEMM_ACROSS;

#if CR_GEMM_AXES
  /* Where rows, columns and steps lie; those outside lie where the last one does. The places of the
   * next steps are found while these are made. */
  CR_LOCAL cr_i32 row_a[CR_GEMM_HEIGHT];
  CR_LOCAL cr_i32 column_b[CR_GEMM_WIDTH];
  CR_LOCAL cr_i32 step_a[2 * CR_GEMM_DEPTH];
  CR_LOCAL cr_i32 step_b[2 * CR_GEMM_DEPTH];
  for (cr_i32 e = item; e < CR_GEMM_HEIGHT; e += CR_GEMM_ITEMS) {
    const cr_i32 i = (cr_i32)(m_0 + e < m ? m_0 + e : m - 1);
    row_a[e] = CR_GEMM_ROW_a(i);
  }
  for (cr_i32 e = item; e < CR_GEMM_WIDTH; e += CR_GEMM_ITEMS) {
    const cr_i32 j = (cr_i32)(n_0 + e < n ? n_0 + e : n - 1);
    column_b[e] = CR_GEMM_COLUMN_b(j);
  }
  for (cr_i32 e = item; e < CR_GEMM_DEPTH; e += CR_GEMM_ITEMS) {
    const cr_i32 q = (cr_i32)(e < k ? e : k - 1);
    step_a[e] = CR_GEMM_STEP_a(q);
    step_b[e] = CR_GEMM_STEP_b(q);
  }
  CR_BARRIER;
  cr_i32 now = 0;
#endif

  float sums[CR_GEMM_ROWS][CR_GEMM_COLUMNS];
  CR_UNROLL for (cr_i32 i = 0; i < CR_GEMM_ROWS; i++) {
    CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
      sums[i][j] = 0.0f;
    }
  }

  for (cr_i64 k_0 = 0; k_0 < k; k_0 += CR_GEMM_DEPTH) {
    for (cr_i32 e = item; e < CR_GEMM_DEPTH * CR_GEMM_HEIGHT; e += CR_GEMM_ITEMS) {
#if CR_GEMM_A_ALONG_K
      const cr_i32 q = e % CR_GEMM_DEPTH;
      const cr_i32 i = e / CR_GEMM_DEPTH;
#else
      const cr_i32 q = e / CR_GEMM_HEIGHT;
      const cr_i32 i = e % CR_GEMM_HEIGHT;
#endif
      rows[q * CR_GEMM_LEFT + i] = CR_GEMM_OF_A(i, q);
    }
    for (cr_i32 e = item; e < CR_GEMM_DEPTH * CR_GEMM_WIDTH; e += CR_GEMM_ITEMS) {
#if CR_GEMM_B_ALONG_N
      const cr_i32 q = e / CR_GEMM_WIDTH;
      const cr_i32 j = e % CR_GEMM_WIDTH;
#else
      const cr_i32 q = e % CR_GEMM_DEPTH;
      const cr_i32 j = e / CR_GEMM_DEPTH;
#endif
      columns[q * CR_GEMM_RIGHT + j] = CR_GEMM_OF_B(q, j);
    }
#if CR_GEMM_AXES
    now = CR_GEMM_DEPTH - now;
    for (cr_i32 e = item; e < CR_GEMM_DEPTH; e += CR_GEMM_ITEMS) {
      const cr_i64 next = k_0 + CR_GEMM_DEPTH + e;
      const cr_i32 q = (cr_i32)(next < k ? next : k - 1);
      step_a[now + e] = CR_GEMM_STEP_a(q);
      step_b[now + e] = CR_GEMM_STEP_b(q);
    }
#endif
    CR_BARRIER;

    /* Sums that live in registers from here to the next barrier. */
    float s[CR_GEMM_ROWS][CR_GEMM_COLUMNS];
    CR_UNROLL for (cr_i32 i = 0; i < CR_GEMM_ROWS; i++) {
      CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
        s[i][j] = sums[i][j];
      }
    }
    const cr_i32 steps = k - k_0 < CR_GEMM_DEPTH ? (cr_i32)(k - k_0) : CR_GEMM_DEPTH;
    for (cr_i32 q = 0; q < steps; q++) {
      float row[CR_GEMM_ROWS];
      float column[CR_GEMM_COLUMNS];
      CR_UNROLL for (cr_i32 i = 0; i < CR_GEMM_ROWS; i++) {
        row[i] = rows[q * CR_GEMM_LEFT + y * CR_GEMM_ROWS + i];
      }
      CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
        column[j] = columns[q * CR_GEMM_RIGHT + CR_GEMM_PLACE(x, j)];
      }
      CR_UNROLL for (cr_i32 i = 0; i < CR_GEMM_ROWS; i++) {
        CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
          s[i][j] = cr_fma(row[i], column[j], s[i][j]);
        }
      }
    }
    CR_UNROLL for (cr_i32 i = 0; i < CR_GEMM_ROWS; i++) {
      CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
        sums[i][j] = s[i][j];
      }
    }
    CR_BARRIER;
  }

  CR_UNROLL for (cr_i32 i = 0; i < CR_GEMM_ROWS; i++) {
    CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
      const cr_i64 to_m = m_0 + y * CR_GEMM_ROWS + i;
      const cr_i64 to_n = n_0 + CR_GEMM_PLACE(x, j);
      if (to_m < m && to_n < n) {
        CR_GEMM_OF_C(to_m, to_n) = sums[i][j];
      }
    }
  }
}

#endif
