// What the kernels that hold a tile of their result in registers have in common.
#ifndef CR_TILE_H
#define CR_TILE_H

#include "level.h"

CR_INLINE int64_t min(int64_t x, int64_t y) { return x < y ? x : y; }
CR_INLINE int64_t max(int64_t x, int64_t y) { return x > y ? x : y; }
CR_INLINE int64_t ceil_div(int64_t x, int64_t y) { return (x + y - 1) / y; }
CR_INLINE int64_t round_up(int64_t x, int64_t y) { return ceil_div(x, y) * y; }

// Transposes a square block: t[k] holds lane k of every r[i], whose contents are lost.
CR_INLINE void turn(cr_vec *r, cr_vec *t) {
#ifdef __AVX512F__
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int h = 0; h < 2; h++) {
      const __m512d x = _mm512_castps_pd(t[i + h]), y = _mm512_castps_pd(t[i + h + 2]);
      r[i + 2 * h] = _mm512_castpd_ps(_mm512_unpacklo_pd(x, y));
      r[i + 2 * h + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(x, y));
    }
  // r[i + q] now holds, in its 128-bit lane l, column 4 * l + q of rows i to i + 3.
  for (int q = 0; q < 4; q++) {
    const __m512 x = _mm512_shuffle_f32x4(r[q], r[4 + q], 0x88);
    const __m512 y = _mm512_shuffle_f32x4(r[8 + q], r[12 + q], 0x88);
    const __m512 z = _mm512_shuffle_f32x4(r[q], r[4 + q], 0xdd);
    const __m512 w = _mm512_shuffle_f32x4(r[8 + q], r[12 + q], 0xdd);
    t[q] = _mm512_shuffle_f32x4(x, y, 0x88);
    t[4 + q] = _mm512_shuffle_f32x4(z, w, 0x88);
    t[8 + q] = _mm512_shuffle_f32x4(x, y, 0xdd);
    t[12 + q] = _mm512_shuffle_f32x4(z, w, 0xdd);
  }
#else
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int h = 0; h < 2; h++) {
      const __m256d x = _mm256_castps_pd(t[i + h]), y = _mm256_castps_pd(t[i + h + 2]);
      r[i + 2 * h] = _mm256_castpd_ps(_mm256_unpacklo_pd(x, y));
      r[i + 2 * h + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(x, y));
    }
  // r[i + q] now holds, in its half l, column 4 * l + q of rows i to i + 3.
  for (int q = 0; q < 4; q++) {
    t[q] = _mm256_permute2f128_ps(r[q], r[4 + q], 0x20);
    t[4 + q] = _mm256_permute2f128_ps(r[q], r[4 + q], 0x31);
  }
#endif
}

// A cut of some rows into panels whose heights differ by at most one: 128 rows become 8 x 13 and
// 2 x 12, not 9 x 14 and a remainder too short to keep the multipliers busy.
struct panels {
  int64_t count, height, taller;  // the first `taller` panels have one row more
};

CR_INLINE struct panels cut(int64_t rows, int64_t most) {
  const int64_t count = ceil_div(rows, most);
  return (struct panels){count, rows / count, rows % count};
}

CR_INLINE int64_t height(const struct panels *x, int64_t q) { return x->height + (q < x->taller); }

// The number of equal runs of tasks that are done first by some workers, and of those the most.
static inline int64_t choose_parts(int64_t tasks, int64_t most, int64_t workers) {
  int64_t best = 1, least = INT64_MAX;
  for (int64_t parts = 1; parts <= min(tasks, most); parts++) {
    const int64_t turns = ceil_div(tasks, parts) * ceil_div(parts, workers);
    if (turns > least) continue;
    least = turns;
    best = parts;
  }
  return best;
}

// A macro of every number of rows that a tile of one or two vectors may have, of its vectors, and
// of the way W that it is computed.
#define CR_ROWS_TO_6(_, V, W) \
  _(1, V, W) _(2, V, W) _(3, V, W) _(4, V, W) _(5, V, W) _(6, V, W)
#ifdef __AVX512F__
#define CR_ALL_ROWS(_, V, W)                                                                   \
  CR_ROWS_TO_6(_, V, W) _(7, V, W) _(8, V, W) _(9, V, W) _(10, V, W) _(11, V, W) _(12, V, W) \
  _(13, V, W) _(14, V, W)
#else
#define CR_ALL_ROWS(_, V, W) CR_ROWS_TO_6(_, V, W)
#endif

#endif
