/*
 * A matrix product: c[m, n] = sum over k of a[m, k] * b[k, n], for two outer axes of independent
 * products. Each element is one chain of fused multiply-adds over ascending k, whatever the tiling.
 *
 * Include it after a prelude and after the shape of a tile, which is one work group's:
 *
 *   CR_GEMM_ACROSS, CR_GEMM_DOWN   its work items
 *   CR_GEMM_ROWS, CR_GEMM_COLUMNS  elements of c that a work item computes
 *   CR_GEMM_TOGETHER               how many of its columns are neighbours
 *   CR_GEMM_DEPTH                  steps along k that local memory holds
 *   CR_GEMM_A_ALONG_K              whether neighbours in a are neighbours along k (else along m)
 *   CR_GEMM_B_ALONG_N              whether neighbours in b are neighbours along n (else along k)
 */
#ifndef CR_GEMM_H
#define CR_GEMM_H

#define CR_GEMM_ITEMS (CR_GEMM_ACROSS * CR_GEMM_DOWN)
#define CR_GEMM_HEIGHT (CR_GEMM_DOWN * CR_GEMM_ROWS)
#define CR_GEMM_WIDTH (CR_GEMM_ACROSS * CR_GEMM_COLUMNS)

/* The column within the tile of a work item's column j. */
#define CR_GEMM_COLUMN(x, j)                                               \
  ((j) / CR_GEMM_TOGETHER * (CR_GEMM_ACROSS * CR_GEMM_TOGETHER) +          \
   (x) * CR_GEMM_TOGETHER + (j) % CR_GEMM_TOGETHER)

/*
 * Strides are in elements: a_0 and a_1 along the outer axes (the second of extent batch), a_m, a_k
 * along its own, and so on. A group for each tile, columns fastest, then rows, then outer axes.
 */
CR_KERNEL void cr_gemm(CR_GLOBAL cr_i32 *params, CR_ARRAY(const float, a), CR_ARRAY(const float, b),
                       CR_ARRAY(float, c), const cr_i64 m, const cr_i64 n, const cr_i64 k,
                       const cr_i64 batch, const cr_i64 a_0, const cr_i64 a_1, const cr_i64 a_m,
                       const cr_i64 a_k, const cr_i64 b_0, const cr_i64 b_1, const cr_i64 b_k,
                       const cr_i64 b_n, const cr_i64 c_0, const cr_i64 c_1, const cr_i64 c_m,
                       const cr_i64 c_n) {
  CR_LOCAL float rows[CR_GEMM_DEPTH * CR_GEMM_HEIGHT];
  CR_LOCAL float columns[CR_GEMM_DEPTH * CR_GEMM_WIDTH];
  const cr_i64 across = (n + CR_GEMM_WIDTH - 1) / CR_GEMM_WIDTH;
  const cr_i64 down = (m + CR_GEMM_HEIGHT - 1) / CR_GEMM_HEIGHT;
  const cr_i64 product = CR_GROUP / (across * down);
  const cr_i64 m_0 = CR_GROUP / across % down * CR_GEMM_HEIGHT;
  const cr_i64 n_0 = CR_GROUP % across * CR_GEMM_WIDTH;
  CR_GLOBAL const float *left = CR_START(a) + product / batch * a_0 + product % batch * a_1;
  CR_GLOBAL const float *right = CR_START(b) + product / batch * b_0 + product % batch * b_1;
  CR_GLOBAL float *out = CR_START(c) + product / batch * c_0 + product % batch * c_1;
  const cr_i32 item = CR_LANE;
  const cr_i32 x = item % CR_GEMM_ACROSS;
  const cr_i32 y = item / CR_GEMM_ACROSS;

  float sums[CR_GEMM_ROWS][CR_GEMM_COLUMNS];
  CR_UNROLL for (cr_i32 i = 0; i < CR_GEMM_ROWS; i++) {
    CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
      sums[i][j] = 0.0f;
    }
  }

  for (cr_i64 k_0 = 0; k_0 < k; k_0 += CR_GEMM_DEPTH) {
    /* What lies outside is never used: no step is made beyond k, and no element stored beyond m
     * and n. */
    for (cr_i32 e = item; e < CR_GEMM_DEPTH * CR_GEMM_HEIGHT; e += CR_GEMM_ITEMS) {
#if CR_GEMM_A_ALONG_K
      const cr_i32 q = e % CR_GEMM_DEPTH;
      const cr_i32 i = e / CR_GEMM_DEPTH;
#else
      const cr_i32 q = e / CR_GEMM_HEIGHT;
      const cr_i32 i = e % CR_GEMM_HEIGHT;
#endif
      const cr_i32 inside = m_0 + i < m && k_0 + q < k;
      rows[q * CR_GEMM_HEIGHT + i] = inside ? left[(m_0 + i) * a_m + (k_0 + q) * a_k] : 0.0f;
    }
    for (cr_i32 e = item; e < CR_GEMM_DEPTH * CR_GEMM_WIDTH; e += CR_GEMM_ITEMS) {
#if CR_GEMM_B_ALONG_N
      const cr_i32 q = e / CR_GEMM_WIDTH;
      const cr_i32 j = e % CR_GEMM_WIDTH;
#else
      const cr_i32 q = e % CR_GEMM_DEPTH;
      const cr_i32 j = e / CR_GEMM_DEPTH;
#endif
      const cr_i32 inside = n_0 + j < n && k_0 + q < k;
      columns[q * CR_GEMM_WIDTH + j] = inside ? right[(k_0 + q) * b_k + (n_0 + j) * b_n] : 0.0f;
    }
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
        row[i] = rows[q * CR_GEMM_HEIGHT + y * CR_GEMM_ROWS + i];
      }
      CR_UNROLL for (cr_i32 j = 0; j < CR_GEMM_COLUMNS; j++) {
        column[j] = columns[q * CR_GEMM_WIDTH + CR_GEMM_COLUMN(x, j)];
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
      const cr_i64 to_n = n_0 + CR_GEMM_COLUMN(x, j);
      if (to_m < m && to_n < n) {
        out[to_m * c_m + to_n * c_n] = sums[i][j];
      }
    }
  }
}

#endif
