// Folds of the inner elements; included by blocks.c alone.
//
// In a wide block the fold goes on from block to block: `begin` in the phase's head, the fold in
// its body, `end` in its tail. In a narrow block whole rows are there: one pass in the body.

// The shape of a sum; a tile's 256 lanes are added as a binary tree. A lane never holds -0, since
// it starts from +0, so leaving out lanes without values changes no bit.
enum { SUM_TILE = 4096, SUM_LANES = 256 };

// ---- Sums in a wide block. Registers: a the values, b the tiles' sums, c the lanes, d the result.
// Lanes and sums are as wide as the chunk.

#define SUM(T, name)                                                                     \
  /* The sum over `rows` lanes, w wide, by the tree; the lanes are used up. */           \
  static void name##_tree(T *lanes, int64_t rows, int64_t w, T *sum) {                   \
    for (int64_t half = SUM_LANES / 2; half > 0; half /= 2) {                            \
      if (rows <= half) continue;                                                        \
      const T *upper = lanes + half * w;                                                 \
      RUN((rows - half) * w) lanes[j] += upper[j];                                       \
      rows = half;                                                                       \
    }                                                                                    \
    RUN(w) sum[j] = lanes[j];                                                            \
  }                                                                                      \
  /* Adds `count` rows of values, the first being row `from` of all. */                  \
  static void name##_rows(const T *v, int64_t from, int64_t count, int64_t w, T *lanes,  \
                          T *sums) {                                                     \
    while (count > 0) {                                                                  \
      int64_t in_tile = from % SUM_TILE, lane = from % SUM_LANES;                        \
      int64_t rows = SUM_LANES - lane < count ? SUM_LANES - lane : count;                \
      T *to = lanes + lane * w;                                                          \
      if (in_tile < SUM_LANES) {                                                         \
        RUN(rows * w) to[j] = (T)0 + v[j];                                               \
      } else {                                                                           \
        RUN(rows * w) to[j] += v[j];                                                     \
      }                                                                                  \
      v += rows * w;                                                                     \
      from += rows;                                                                      \
      count -= rows;                                                                     \
      if (from % SUM_TILE == 0)                                                          \
        name##_tree(lanes, SUM_LANES, w, sums + (from / SUM_TILE - 1) * w);              \
    }                                                                                    \
  }                                                                                      \
  static void name##_close(T *lanes, int64_t from, int64_t w, T *sums) {                 \
    int64_t rows = from % SUM_TILE;                                                      \
    if (rows == 0) return;                                                               \
    name##_tree(lanes, rows < SUM_LANES ? rows : SUM_LANES, w, sums + from / SUM_TILE * w); \
  }                                                                                      \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {                           \
    (void)n;                                                                             \
    name##_rows(f->r[s->a], f->at[CR_AT_INNER], f->inner_count, f->kept_count,           \
                f->r[s->c], f->r[s->b]);                                                 \
  }                                                                                      \
  /* Leaves the tiles' sums, for another pass to add. */                                 \
  static void name##_end_tiles(const cr_step *s, cr_frame *f, int64_t n) {               \
    name##_close(f->r[s->c], f->at[CR_AT_INNER], n, f->r[s->b]);                         \
  }                                                                                      \
  static void name##_end(const cr_step *s, cr_frame *f, int64_t n) {                     \
    T *lanes = f->r[s->c], *sums = f->r[s->b], *d = f->r[s->d];                          \
    int64_t tiles = f->at[CR_AT_INNER];                                                  \
    name##_close(lanes, tiles, n, sums);                                                 \
    for (tiles = (tiles + SUM_TILE - 1) / SUM_TILE; tiles > 1;                           \
         tiles = (tiles + SUM_TILE - 1) / SUM_TILE) {                                    \
      name##_rows(sums, 0, tiles, n, lanes, sums);                                       \
      name##_close(lanes, tiles, n, sums);                                               \
    }                                                                                    \
    RUN(n) d[j] = sums[j];                                                               \
  }

SUM(f32, sum_f)
SUM(u32, sum_i)

// ---- Other folds in a wide block. Registers: a the values, b second factors or positions' best
// values, d the result so far; a narrow extreme finds its start in b, `begin` in the number c.

static void begin(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  PASS(n) d[i] = s->c;
}

#define FOLD(T, name, expression)                                \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {   \
    T *d = f->r[s->d];                                           \
    const T *a = f->r[s->a];                                     \
    (void)n;                                                     \
    int64_t w = f->kept_count;                                   \
    for (int64_t r = 0; r < f->inner_count; r++, a += w) {       \
      RUN(w) {                                                   \
        T x = d[j], y = a[j];                                    \
        d[j] = expression;                                       \
      }                                                          \
    }                                                            \
  }

FOLD(f32, running_f, x + y)
FOLD(u32, running_i, x + y)

// Largest and smallest do not care for order, so that a long row may fold in 16 lanes.
#define EXTREME(T, name, expression)                             \
  static T name##_of(T x, T y) { return expression; }            \
  FOLD(T, name##_columns, name##_of(x, y))                       \
  static T name##_all(const T *a, int64_t n, T so) {             \
    T lanes[16];                                                 \
    for (int l = 0; l < 16; l++) lanes[l] = so;                  \
    int64_t i = 0;                                               \
    for (; i + 16 <= n; i += 16)                                 \
      for (int l = 0; l < 16; l++) lanes[l] = name##_of(lanes[l], a[i + l]); \
    for (; i < n; i++) so = name##_of(so, a[i]);                 \
    for (int half = 8; half > 0; half /= 2)                      \
      for (int l = 0; l < half; l++) lanes[l] = name##_of(lanes[l], lanes[l + half]); \
    return name##_of(so, lanes[0]);                              \
  }                                                              \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {   \
    T *d = f->r[s->d];                                           \
    if (f->kept_count == 1)                                      \
      *d = name##_all(f->r[s->a], n, *d);                        \
    else                                                         \
      name##_columns(s, f, n);                                   \
  }                                                              \
  static void name##_narrow(const cr_step *s, cr_frame *f, int64_t n) { \
    T *d = f->r[s->d];                                           \
    const T *a = f->r[s->a];                                     \
    const T start = *(const T *)f->r[s->b];                      \
    (void)n;                                                     \
    int64_t row = f->inner_count;                                \
    for (int64_t r = 0; r < f->kept_count; r++, a += row) {      \
      if (row >= 16) {                                           \
        d[r] = name##_all(a, row, start);                        \
      } else {                                                   \
        T so = start;                                            \
        for (int64_t j = 0; j < row; j++) so = name##_of(so, a[j]); \
        d[r] = so;                                               \
      }                                                          \
    }                                                            \
  }

EXTREME(f32, max_fold_f, cr_max(x, y))
EXTREME(f32, min_fold_f, cr_min(x, y))
EXTREME(i32, max_fold_i, x > y ? x : y)
EXTREME(i32, min_fold_i, x < y ? x : y)

#define CHAIN(T, name, expression)                               \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {   \
    T *d = f->r[s->d];                                           \
    const T *a = f->r[s->a], *b = f->r[s->b];                    \
    (void)n;                                                     \
    int64_t w = f->kept_count;                                   \
    for (int64_t r = 0; r < f->inner_count; r++, a += w, b += w) { \
      RUN(w) {                                                   \
        T so = d[j], x = a[j], y = b[j];                         \
        d[j] = expression;                                       \
      }                                                          \
    }                                                            \
  }                                                              \
  static void name##_narrow(const cr_step *s, cr_frame *f, int64_t n) { \
    T *d = f->r[s->d];                                           \
    const T *a = f->r[s->a], *b = f->r[s->b];                    \
    (void)n;                                                     \
    int64_t row = f->inner_count;                                \
    for (int64_t r = 0; r < f->kept_count; r++, a += row, b += row) { \
      T so = 0;                                                  \
      for (int64_t j = 0; j < row; j++) {                        \
        T x = a[j], y = b[j];                                    \
        so = expression;                                         \
      }                                                          \
      d[r] = so;                                                 \
    }                                                            \
  }

CHAIN(f32, chain_f, cr_fma(x, y, so))
CHAIN(u32, chain_i, so + x * y)

// A position improves on the first value, on a better one, and on a number when it is NaN.
#define ARGUMENT(T, name, better)                                \
  static inline i32 name##_improves(T x, T best) {               \
    return (better) | ((x != x) & (best == best));               \
  }                                                              \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {   \
    i32 *d = f->r[s->d];                                         \
    T *best = f->r[s->b];                                        \
    const T *a = f->r[s->a];                                     \
    (void)n;                                                     \
    int64_t w = f->kept_count;                                   \
    for (int64_t r = 0; r < f->inner_count; r++, a += w) {       \
      i32 here = (i32)(f->at[CR_AT_INNER] + r);                  \
      const i32 first = here == 0;                               \
      RUN(w) {                                                   \
        i32 yes = first | name##_improves(a[j], best[j]);        \
        best[j] = yes ? a[j] : best[j];                          \
        d[j] = yes ? here : d[j];                                \
      }                                                          \
    }                                                            \
  }                                                              \
  static void name##_narrow(const cr_step *s, cr_frame *f, int64_t n) { \
    i32 *d = f->r[s->d];                                         \
    const T *a = f->r[s->a];                                     \
    (void)n;                                                     \
    int64_t row = f->inner_count;                                \
    for (int64_t r = 0; r < f->kept_count; r++, a += row) {      \
      T best = a[0];                                             \
      i32 at = 0;                                                \
      for (int64_t j = 1; j < row; j++) {                        \
        i32 yes = name##_improves(a[j], best);                   \
        best = yes ? a[j] : best;                                \
        at = yes ? (i32)j : at;                                  \
      }                                                          \
      d[r] = at;                                                 \
    }                                                            \
  }

ARGUMENT(f32, argmax_f, x > best)
ARGUMENT(f32, argmin_f, x < best)
ARGUMENT(i32, argmax_i, x > best)
ARGUMENT(i32, argmin_i, x < best)

// ---- Sums of narrow rows.

// The vectors below never cross a call, so it does not matter how one would pass them.
#pragma GCC diagnostic ignored "-Wpsabi"

typedef f32 f32x16 __attribute__((vector_size(64), aligned(4)));
typedef u32 u32x16 __attribute__((vector_size(64), aligned(4)));

static void running_f_narrow(const cr_step *s, cr_frame *f, int64_t n) {
  f32 *d = f->r[s->d];
  const f32 *a = f->r[s->a];
  (void)n;
  int64_t row = f->inner_count;
  for (int64_t r = 0; r < f->kept_count; r++, a += row) {
    f32 so = 0.0f;
    for (int64_t j = 0; j < row; j++) so += a[j];
    d[r] = so;
  }
}

// Rows of at most 16 are one vector, folded by shuffles.
CR_INLINE f32 tree_16(f32x16 v) {
  v += __builtin_shuffle(v, (u32x16){8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7});
  v += __builtin_shuffle(v, (u32x16){4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11});
  v += __builtin_shuffle(v, (u32x16){2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13});
  return v[0] + v[1];
}

CR_INLINE f32x16 first_of_16(const f32 *a, int64_t count) {
  const u32x16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  u32x16 bits = *(const u32x16 *)a & (u32x16)(lane < (u32)count);
  // A lane starts from +0 and adds.
  return (f32x16)bits + (f32x16){0};
}

static f32 sum_row(const f32 *a, int64_t row) {
  if (row <= 16) return tree_16(first_of_16(a, row));
  f32 lanes[SUM_LANES] __attribute__((aligned(64)));
  int64_t first = row < SUM_LANES ? row : SUM_LANES;
  for (int64_t j = 0; j < first; j++) lanes[j] = 0.0f + a[j];
  for (int64_t at = SUM_LANES; at < row; at += SUM_LANES) {
    int64_t m = row - at < SUM_LANES ? row - at : SUM_LANES;
    for (int64_t j = 0; j < m; j++) lanes[j] += a[at + j];
  }
  int64_t rows = first;
  for (int64_t half = SUM_LANES / 2; half >= 16; half /= 2) {
    if (rows <= half) continue;
    RUN(rows - half) lanes[j] += lanes[half + j];
    rows = half;
  }
  return tree_16(first_of_16(lanes, rows));
}

static void sum_f_narrow(const cr_step *s, cr_frame *f, int64_t n) {
  f32 *d = f->r[s->d];
  const f32 *a = f->r[s->a];
  (void)n;
  int64_t row = f->inner_count;
  for (int64_t r = 0; r < f->kept_count; r++, a += row) d[r] = sum_row(a, row);
}

static void sum_i_narrow(const cr_step *s, cr_frame *f, int64_t n) {
  u32 *d = f->r[s->d];
  const u32 *a = f->r[s->a];
  (void)n;
  int64_t row = f->inner_count;
  for (int64_t r = 0; r < f->kept_count; r++, a += row) {
    u32 so = 0;
    for (int64_t j = 0; j < row; j++) so += a[j];
    d[r] = so;
  }
}

#define EXTREME2(W, name) W(name) W(name##_narrow)
#define ALL_FOLDS(W)                                                                         \
  W(sum_f) W(sum_f_end) W(sum_f_end_tiles) W(sum_f_narrow) W(sum_i) W(sum_i_end)             \
  W(sum_i_end_tiles) W(sum_i_narrow) W(begin) W(running_f) W(running_f_narrow) W(running_i)  \
  EXTREME2(W, max_fold_f) EXTREME2(W, min_fold_f) EXTREME2(W, max_fold_i)                    \
  EXTREME2(W, min_fold_i) EXTREME2(W, chain_f) EXTREME2(W, chain_i) EXTREME2(W, argmax_f)    \
  EXTREME2(W, argmin_f) EXTREME2(W, argmax_i) EXTREME2(W, argmin_i)
