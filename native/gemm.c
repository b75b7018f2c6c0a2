// The CPU's matrix product. See gemm.h for the law it keeps.
//
// From the inside out: a register tile of C is held in vectors while k runs (`tile`); a column of
// tiles shares one panel of B, packed just before use where its columns are not contiguous; a block
// of A stays in the second-level cache while all panels of B pass by (`multiply`); the batch and a
// grid over C make the tasks, and a part is a run of tasks.

#include "gemm.h"

#include "tile.h"

enum {
  // Tiles of C with chains enough to hide the latency of an fma. A wide one fills the registers: 14
  // rows of 2 vectors, 2 vectors of B and a splat of A are 31 of 32; 6 rows make 15 of 16. A slim
  // one serves few rows, and a single row has its own.
#ifdef __AVX512F__
  WIDE_ROWS = 14,
  SLIM_ROWS = 6,
#else
  WIDE_ROWS = 6,
  SLIM_ROWS = 2,
#endif
  WIDE_VECTORS = 2,
  SLIM_VECTORS = 4,
  ROW_VECTORS = 8,
  DOT_VECTORS = 4,

  BLOCK_DEPTH = 1280,       // steps of k between two visits to C
  CROWDED_DEPTH = 512,      // the same where rows of B push each other out of the cache
  BLOCK_BYTES = 640 << 10,  // a block of A, in a second-level cache of 1 MiB
  PANELS_BYTES = 8 << 20,   // the packed panels of B that several blocks of A share
  PART_STEPS = 1 << 17,     // fmas worth another part
  AHEAD = 32,               // steps of k from asking for numbers far away to their use
  MAX_TILE = WIDE_ROWS * WIDE_VECTORS * CR_LANES,
};

_Static_assert(SLIM_ROWS * SLIM_VECTORS <= WIDE_ROWS * WIDE_VECTORS &&
                   ROW_VECTORS <= WIDE_ROWS * WIDE_VECTORS,
               "a copy of any tile fits in that of a wide one");
_Static_assert(WIDE_ROWS <= (int)CR_LANES, "a packed panel of A holds at most one vector a step");

// ---- The register tile ----------------------------------------------------------------------

// A tile's operands. B's panel has its columns side by side; A may be strided in both directions.
struct operands {
  const float *a, *b;
  int64_t a_row, a_col, b_row, depth;
  int64_t a_ahead, b_ahead;  // from a step to what is asked for then, 0 if it is near already
  cr_mask last;    // the columns of the last vector that exist
  int64_t ragged;  // whether that vector has to be read with its mask
};

// Steps a pointer in a way the compiler cannot see through: left to itself it computes the address
// of every row of C up front, keeps them all, and runs out of registers.
CR_INLINE float *advance(float *p, int64_t step) {
  p += step;
  __asm__("" : "+r"(p));
  return p;
}

// The law itself: one fma for each element and step.
//
// The first tile to read a panel asks ahead for what later steps read: successive rows of a wide
// array lie too far apart for the processor to foresee them.
CR_INLINE void chains(const int rows, const int vectors, const int masked, const int first,
                      const struct operands *x, cr_vec acc[WIDE_ROWS][ROW_VECTORS]) {
  const int64_t a_row = x->a_row, a_col = x->a_col, b_row = x->b_row;
  const int64_t a_ahead = x->a_ahead, b_ahead = x->b_ahead;
  const float *a = x->a, *b = x->b;
  for (int64_t k = x->depth; k > 0; k--, a += a_col, b += b_row) {
    const float *const end = b + (vectors - 1) * CR_LANES;
    cr_vec bs[ROW_VECTORS];
    if (first) {
      // Where rows are neighbours, the tile before this one has read all lines but the last.
      __builtin_prefetch(a + (rows - 1) * a_row + a_ahead);
#pragma GCC unroll 16
      for (int v = 0; v < vectors; v++) __builtin_prefetch(b + b_ahead + v * CR_LANES);
    }
#pragma GCC unroll 16
    for (int v = 0; v < vectors - 1; v++) bs[v] = cr_load(b + v * CR_LANES);
    bs[vectors - 1] = masked ? cr_load_masked(end, x->last) : cr_load(end);
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      const cr_vec ai = cr_splat(a[i * a_row]);
#pragma GCC unroll 16
      for (int v = 0; v < vectors; v++) acc[i][v] = cr_fma(ai, bs[v], acc[i][v]);
    }
  }
}

CR_INLINE void tile(const int rows, const int vectors, const struct operands *x, float *c,
                    int64_t c_row, int64_t resume) {
  const cr_mask last = x->last;
  // Sized by constants and unrolled in full, or the compiler keeps it in memory.
  cr_vec acc[WIDE_ROWS][ROW_VECTORS];

#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++) acc[i][v] = cr_zero();

  if (resume) {
    float *from = c;
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++, from = advance(from, c_row)) {
#pragma GCC unroll 16
      for (int v = 0; v < vectors - 1; v++) acc[i][v] = cr_load(from + v * CR_LANES);
      acc[i][vectors - 1] = cr_load_masked(from + (vectors - 1) * CR_LANES, last);
    }
  }

  const int masked = CR_MASKS_ARE_FREE || x->ragged, first = x->a_ahead || x->b_ahead;
  if (masked && first)
    chains(rows, vectors, 1, 1, x, acc);
  else if (masked)
    chains(rows, vectors, 1, 0, x, acc);
  else if (first)
    chains(rows, vectors, 0, 1, x, acc);
  else
    chains(rows, vectors, 0, 0, x, acc);

#pragma GCC unroll 16
  for (int i = 0; i < rows; i++, c = advance(c, c_row)) {
#pragma GCC unroll 16
    for (int v = 0; v < vectors - 1; v++) cr_store(c + v * CR_LANES, acc[i][v]);
    cr_store_masked(c + (vectors - 1) * CR_LANES, last, acc[i][vectors - 1]);
  }
}

typedef void tile_fn(const struct operands *x, float *c, int64_t c_row, int64_t resume);

// Every tile there is, by rows and vectors.
#define ROWS_TO_6(_, V) _(1, V) _(2, V) _(3, V) _(4, V) _(5, V) _(6, V)
#ifdef __AVX512F__
#define ROWS_TO_14(_, V) \
  ROWS_TO_6(_, V) _(7, V) _(8, V) _(9, V) _(10, V) _(11, V) _(12, V) _(13, V) _(14, V)
#define TILES_OF_ROWS(_) ROWS_TO_14(_, 1) ROWS_TO_14(_, 2) ROWS_TO_6(_, 4)
#else
#define TILES_OF_ROWS(_) ROWS_TO_6(_, 1) ROWS_TO_6(_, 2) _(1, 4) _(2, 4)
#endif
#define TILES(_) TILES_OF_ROWS(_) _(1, 3) _(1, 5) _(1, 6) _(1, 7) _(1, 8)

#define DEFINE(R, V)                                                                     \
  static void tile_##R##x##V(const struct operands *x, float *c, int64_t c_row,          \
                             int64_t resume) {                                           \
    tile(R, V, x, c, c_row, resume);                                                     \
  }
TILES(DEFINE)

#define ENTRY(R, V) [V][R] = tile_##R##x##V,
static tile_fn *const tiles[ROW_VECTORS + 1][WIDE_ROWS + 1] = {TILES(ENTRY)};

// ---- Packing --------------------------------------------------------------------------------

// Loads up to CR_LANES rows of up to CR_LANES numbers and turns them: t[k] holds column k, with 0
// in the lanes past the last row.
CR_INLINE void transposed(const float *from, int64_t row, int64_t rows, int64_t cols, cr_vec *t) {
  cr_vec r[CR_LANES];
  if (rows == CR_LANES && cols == CR_LANES) {
    for (int i = 0; i < CR_LANES; i++) r[i] = cr_load(from + i * row);
  } else {
    const cr_mask some = cr_first(cols);
    for (int i = 0; i < CR_LANES; i++)
      r[i] = i < rows ? cr_load_masked(from + i * row, some) : cr_zero();
  }
  turn(r, t);
}

// Writes the transpose of such a block, its rows `step` apart.
static void transpose(const float *from, int64_t row, int64_t rows, int64_t cols, float *to,
                      int64_t step) {
  cr_vec t[CR_LANES];
  transposed(from, row, rows, cols, t);
  if (cols == CR_LANES) {
    for (int i = 0; i < CR_LANES; i++) cr_store(to + i * step, t[i]);
  } else {
    for (int i = 0; i < CR_LANES; i++)
      if (i < cols) cr_store(to + i * step, t[i]);
  }
}

// Packs `depth` steps of `count` numbers: to[k * step + j] = from[k * along + j * across], with
// zeros up to a whole vector.
static void pack(const float *from, int64_t along, int64_t across, int64_t depth, int64_t count,
                 float *to, int64_t step) {
  const int64_t whole = (count - 1) / CR_LANES * CR_LANES;  // the last vector starts here
  const cr_mask last = cr_first(count - whole);
  if (across == 1) {
    for (int64_t k = 0; k < depth; k++, from += along, to += step) {
      for (int64_t j = 0; j < whole; j += CR_LANES) cr_store(to + j, cr_load(from + j));
      cr_store(to + whole, cr_load_masked(from + whole, last));
    }
  } else if (along == 1) {
    for (int64_t j = 0; j <= whole; j += CR_LANES)
      for (int64_t k = 0; k < depth; k += CR_LANES)
        transpose(from + j * across + k, across, min(count - j, CR_LANES), min(depth - k, CR_LANES),
                  to + k * step + j, step);
  } else {
    for (int64_t k = 0; k < depth; k++)
      for (int64_t j = 0; j < whole + CR_LANES; j++)
        to[k * step + j] = j < count ? from[k * along + j * across] : 0.0f;
  }
}

// Moves a tile between C, in any layout, and a copy with contiguous rows.
CR_INLINE void move_tile(int in, float *copy, int64_t step, float *c, int64_t c_row, int64_t c_col,
                         int64_t rows, int64_t cols) {
  if (c_row == 1) {
    for (int64_t j = 0; j < cols; j += CR_LANES) {
      const int64_t some = min(cols - j, CR_LANES);
      cr_vec t[CR_LANES];
      if (in) {
        transposed(c + j * c_col, c_col, some, rows, t);
        for (int64_t i = 0; i < rows; i++) cr_store(copy + i * step + j, t[i]);
      } else {
        const cr_mask all = cr_first(rows);
        transposed(copy + j, step, rows, CR_LANES, t);
        for (int64_t i = 0; i < some; i++) cr_store_masked(c + (j + i) * c_col, all, t[i]);
      }
    }
  } else {
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < cols; j++)
        if (in)
          copy[i * step + j] = c[i * c_row + j * c_col];
        else
          c[i * c_row + j * c_col] = copy[i * step + j];
  }
}

// Runs a tile of a C whose rows are not contiguous by way of a copy.
static void tile_strided(tile_fn *run, const struct operands *x, float *c, int64_t c_row,
                         int64_t c_col, int64_t rows, int64_t cols, int64_t resume) {
  _Alignas(64) float copy[MAX_TILE];
  const int64_t step = round_up(cols, CR_LANES);
  if (resume) move_tile(1, copy, step, c, c_row, c_col, rows, cols);
  run(x, copy, step, resume);
  move_tile(0, copy, step, c, c_row, c_col, rows, cols);
}

// ---- One row times rows ---------------------------------------------------------------------

// A vector times a matrix whose columns are contiguous: c[j] = sum over k of a[k] * b[j][k]. Blocks
// of B are transposed in registers, used once and forgotten; a few side by side hide the latency of
// the chains.
CR_INLINE void dots(const int vectors, const float *a, int64_t a_col, const float *b, int64_t b_col,
                    int64_t depth, int64_t cols, float *c, int64_t resume) {
  cr_vec acc[DOT_VECTORS], t[CR_LANES];
  const cr_mask last = cr_first(cols - (vectors - 1) * CR_LANES);
  for (int v = 0; v < vectors; v++)
    acc[v] = resume ? cr_load_masked(c + v * CR_LANES, v == vectors - 1 ? last : cr_first(CR_LANES))
                    : cr_zero();
  for (int64_t k = 0; k < depth; k += CR_LANES, a += CR_LANES * a_col) {
    const int64_t steps = min(depth - k, CR_LANES);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
      transposed(b + v * CR_LANES * b_col + k, b_col, min(cols - v * CR_LANES, CR_LANES), steps, t);
      if (steps == CR_LANES) {
#pragma GCC unroll 16
        for (int i = 0; i < CR_LANES; i++) acc[v] = cr_fma(cr_splat(a[i * a_col]), t[i], acc[v]);
      } else {
        for (int i = 0; i < steps; i++) acc[v] = cr_fma(cr_splat(a[i * a_col]), t[i], acc[v]);
      }
    }
  }
  for (int v = 0; v < vectors - 1; v++) cr_store(c + v * CR_LANES, acc[v]);
  cr_store_masked(c + (vectors - 1) * CR_LANES, last, acc[vectors - 1]);
}

static void multiply_row(const struct cr_gemm_plan *p, const float *a, const float *b, float *c,
                         int64_t n, int64_t accumulate) {
  const int64_t most = DOT_VECTORS * CR_LANES;
  for (; n > 0; n -= most, b += most * p->b_col, c += most) {
    if (n > most - CR_LANES)
      dots(DOT_VECTORS, a, p->a_col, b, p->b_col, p->k, min(n, most), c, accumulate);
    else
      for (int64_t j = 0; j < n; j += CR_LANES)
        dots(1, a, p->a_col, b + j * p->b_col, p->b_col, p->k, min(n - j, CR_LANES), c + j,
             accumulate);
  }
}

// ---- One task -------------------------------------------------------------------------------

// Packs a block of A, a panel after the other, each CR_LANES numbers a step.
static void pack_block(const struct cr_gemm_plan *p, const float *a, const struct panels *panels,
                       int64_t depth, float *to) {
  for (int64_t q = 0; q < panels->count; q++) {
    const int64_t rows = height(panels, q);
    pack(a, p->a_col, p->a_row, depth, rows, to, CR_LANES);
    a += rows * p->a_row;
    to += CR_LANES * depth;
  }
}

// Multiplies a block of A, whose first panel is in x, with one panel of B.
static void multiply_column(const struct cr_gemm_plan *p, struct operands x, float *c,
                            const struct panels *panels, int64_t vectors, int64_t cols,
                            int64_t resume) {
  for (int64_t q = 0; q < panels->count; q++) {
    const int64_t rows = height(panels, q);
    tile_fn *const run = tiles[vectors][rows];
    if (p->c_col == 1)
      run(&x, c, p->c_row, resume);
    else
      tile_strided(run, &x, c, p->c_row, p->c_col, rows, cols, resume);
    x.b_ahead = 0;
    x.a += p->pack_a ? CR_LANES * x.depth : rows * p->a_row;
    c += rows * p->c_row;
  }
}

// Three loops of blocks: steps of k, then rows of A, then panels of B. Packed panels are kept for
// the next block of rows, if there is one; else they share one place, near the processor.
static void multiply(const struct cr_gemm_plan *p, const float *a, const float *b, float *c,
                     int64_t m, int64_t n, int64_t accumulate, float *packed_a, float *packed_b) {
  // k = 0 still makes one pass, which writes the zeros.
  for (int64_t k0 = 0; k0 == 0 || k0 < p->k; k0 += p->block_depth) {
    const int64_t depth = min(p->block_depth, p->k - k0);
    const int64_t resume = accumulate || k0 > 0;

    for (int64_t i0 = 0; i0 < m; i0 += p->block_rows) {
      const struct panels panels = cut(min(p->block_rows, m - i0), p->tile_rows);
      const float *const block_a = a + i0 * p->a_row + k0 * p->a_col;
      if (p->pack_a) pack_block(p, block_a, &panels, depth, packed_a);

      for (int64_t j = 0, cols; j < n; j += cols) {
        const int64_t fit = min(ceil_div(n - j, CR_LANES), p->tile_vectors);
        const int64_t vectors = fit == 3 && m > 1 ? 2 : fit;
        const float *const panel_b = b + k0 * p->b_row + j * p->b_col;
        cols = min(vectors * CR_LANES, n - j);
        struct operands x = {
            .a = p->pack_a ? packed_a : block_a,
            .a_row = p->pack_a ? 1 : p->a_row,
            .a_col = p->pack_a ? CR_LANES : p->a_col,
            .b = panel_b,
            .b_row = p->b_row,
            .depth = depth,
            .a_ahead = p->pack_a || p->a_col == 1 || j > 0 ? 0 : AHEAD * p->a_col,
            .b_ahead = AHEAD * p->b_row,
            .last = cr_first(cols - (vectors - 1) * CR_LANES),
            .ragged = cols < vectors * CR_LANES,
        };
        if (p->pack_b) {
          float *const to = packed_b + (p->keep_b ? j * depth : 0);
          if (i0 == 0 || !p->keep_b)
            pack(panel_b, p->b_row, p->b_col, depth, cols, to, vectors * CR_LANES);
          x.b = to;
          x.b_row = vectors * CR_LANES;
          x.b_ahead = 0;
          x.ragged = 0;
        }
        multiply_column(p, x, c + i0 * p->c_row + j * p->c_col, &panels, vectors, cols, resume);
      }
    }
  }
}

// The first task of a part.
CR_INLINE int64_t first_task(const struct cr_gemm *d, int64_t part) {
  return part == 0 ? 0 : d->plan.tasks * part / d->parts;
}

void CR_NAME(cr_gemm)(const void *desc, int64_t lo, int64_t hi) {
  const struct cr_gemm *const d = desc;
  const struct cr_gemm_plan *const p = &d->plan;
  const float *const a = p->swapped ? d->b : d->a, *const b = p->swapped ? d->a : d->b;

  for (int64_t part = lo; part < hi; part++) {
    float *const packed_a = (float *)(d->scratch + part * d->part_bytes);
    float *const packed_b = packed_a + p->packed_a;
    const int64_t begin = first_task(d, part), end = first_task(d, part + 1);
    int64_t item0 = 0, item1 = 0, row = 0, col = 0;
    if (begin > 0) {
      const int64_t grid = p->grid_rows * p->grid_cols;
      item0 = begin / grid / p->batch1;
      item1 = begin / grid % p->batch1;
      row = begin % grid / p->grid_cols;
      col = begin % p->grid_cols;
    }
    for (int64_t task = begin; task < end; task++) {
      const int64_t i = row * p->chunk_rows, j = col * p->chunk_cols;
      const float *const task_a = a + item0 * p->a_batch0 + item1 * p->a_batch1 + i * p->a_row;
      const float *const task_b = b + item0 * p->b_batch0 + item1 * p->b_batch1 + j * p->b_col;
      float *const task_c =
          d->c + item0 * p->c_batch0 + item1 * p->c_batch1 + i * p->c_row + j * p->c_col;
      const int64_t m = min(p->chunk_rows, p->m - i), n = min(p->chunk_cols, p->n - j);
      if (p->one_row)
        multiply_row(p, task_a, task_b, task_c, n, d->accumulate);
      else
        multiply(p, task_a, task_b, task_c, m, n, d->accumulate, packed_a, packed_b);

      if (++col < p->grid_cols) continue;
      col = 0;
      if (++row < p->grid_rows) continue;
      row = 0;
      if (++item1 < p->batch1) continue;
      item1 = 0;
      item0++;
    }
  }
}

// ---- The plan -------------------------------------------------------------------------------

// Folds the inner batch axis into the rows or the columns where memory already lies that way: a
// hundred products that share their weights are one tall product.
static int merge_batch(struct cr_gemm_plan *p) {
  if (p->batch1 == 1) return 0;
  const int64_t a_row = p->m == 1 ? p->a_batch1 : p->a_row;
  const int64_t c_row = p->m == 1 ? p->c_batch1 : p->c_row;
  const int64_t b_col = p->n == 1 ? p->b_batch1 : p->b_col;
  const int64_t c_col = p->n == 1 ? p->c_batch1 : p->c_col;
  if (p->b_batch1 == 0 && p->a_batch1 == p->m * a_row && p->c_batch1 == p->m * c_row) {
    p->m *= p->batch1;
    p->a_row = a_row;
    p->c_row = c_row;
  } else if (p->a_batch1 == 0 && p->b_batch1 == p->n * b_col && p->c_batch1 == p->n * c_col) {
    p->n *= p->batch1;
    p->b_col = b_col;
    p->c_col = c_col;
  } else {
    return 0;
  }
  p->batch1 = 1;
  return 1;
}

// Moves the outer batch axis to the inner place, which is empty.
static void shift_batch(struct cr_gemm_plan *p) {
  p->batch1 = p->batch0;
  p->a_batch1 = p->a_batch0;
  p->b_batch1 = p->b_batch0;
  p->c_batch1 = p->c_batch0;
  p->batch0 = 1;
  p->a_batch0 = p->b_batch0 = p->c_batch0 = 0;
}

CR_INLINE void exchange(int64_t *x, int64_t *y) {
  const int64_t z = *x;
  *x = *y;
  *y = z;
}

// C^T = B^T A^T.
static void swap_sides(struct cr_gemm_plan *p) {
  p->swapped = !p->swapped;
  exchange(&p->m, &p->n);
  exchange(&p->a_row, &p->b_col);
  exchange(&p->a_col, &p->b_row);
  exchange(&p->c_row, &p->c_col);
  exchange(&p->a_batch0, &p->b_batch0);
  exchange(&p->a_batch1, &p->b_batch1);
}

// The cost of a product with its vectors along the columns, in sixteenths of a cycle, roughly as
// measured: 8 for a vector of fmas, lanes past the last column included; 32 for packing as many;
// and for each move of a number of C, 4 if C is transposed and 16 if it is strided both ways.
static int64_t cost(int64_t m, int64_t n, int64_t k, int64_t b_col, int64_t c_row, int64_t c_col) {
  const int64_t vectors = ceil_div(n, CR_LANES);
  const int64_t moves = 2 * ceil_div(max(1, k), BLOCK_DEPTH) - 1;
  return 8 * m * vectors * k + (b_col == 1 || n == 1 ? 0 : 32 * vectors * k) +
         (c_col == 1 || n == 1 ? 0 : (c_row == 1 ? 4 : 16) * moves * m * n);
}

static void choose_sides(struct cr_gemm_plan *p) {
  if (cost(p->n, p->m, p->k, p->a_row, p->c_col, p->c_row) <
      cost(p->m, p->n, p->k, p->b_col, p->c_row, p->c_col))
    swap_sides(p);
  // The stride of an axis of one element is never used; 1 opens the fast ways.
  if (p->n == 1) p->b_col = p->c_col = 1;
}

// Whether `count` lines this far apart fill their corner of a cache of 2^10 sets of 16 lines by
// more than a quarter, and so push each other and all else out.
static int crowded(int64_t stride, int64_t count) {
  const int64_t bytes = 4 * stride;
  if (bytes < 128) return 0;
  const int64_t spread = max(64, bytes & -bytes);  // the largest power of two that divides it
  return count > max(8, (1 << 18) / spread);
}

// Whether the rows of a tile fall on the same line of a cache whose ways are 4 KiB apart.
static int aligned(int64_t stride) {
  const int64_t apart = stride & 1023;
  return stride >= 512 && (apart < 4 || apart > 1020);
}

// B must be packed unless its columns are contiguous, but where its rows fall on few sets of the
// cache, fewer of them are taken at a time. Packing A pays where it is read many times and lies
// badly: on such sets, or with each step on another page.
static void choose_kernel(struct cr_gemm_plan *p) {
  p->one_row = p->m == 1 && p->b_row == 1 && p->b_col != 1 && p->c_col == 1;
  p->pack_b = !p->one_row && p->b_col != 1;
  p->pack_a = p->m > SLIM_ROWS && p->n >= 16 * CR_LANES && p->k > 64 &&
              (aligned(p->a_row) || p->a_col >= 128);
  p->tile_rows = p->m == 1 ? 1 : p->m <= SLIM_ROWS ? SLIM_ROWS : WIDE_ROWS;
  p->tile_vectors = p->m == 1 ? ROW_VECTORS : p->m <= SLIM_ROWS ? SLIM_VECTORS : WIDE_VECTORS;
  const int crowds = !p->pack_b && p->m > 6 * WIDE_ROWS && crowded(p->b_row, p->k);
  const int64_t depth = crowds ? CROWDED_DEPTH : BLOCK_DEPTH;
  p->block_depth = max(1, ceil_div(p->k, max(1, ceil_div(p->k, depth))));
}

// Cuts one product into at most about `cells` cells, those that are done first when each worker
// takes a cell at a time and each cell packs for itself.
static void choose_grid(struct cr_gemm_plan *p, int64_t cells, int64_t workers) {
  const int64_t widest = p->pack_b ? PANELS_BYTES / 4 / p->block_depth : p->n;
  const int64_t batch = p->batch0 * p->batch1;
  int64_t least = INT64_MAX;
  // Fewer and larger cells, one for each worker, pack less.
  const int64_t either[] = {min(cells, ceil_div(workers, batch)), cells};
  for (int i = 0; i < 2; i++) {
    const int64_t most = either[i];
    for (int64_t rows = 1; rows <= most; rows++) {
      const int64_t high = min(p->m, max(ceil_div(p->m, rows), p->tile_rows));
      const int64_t wide =
          min(p->n, round_up(min(widest, ceil_div(p->n, most / rows)), WIDE_VECTORS * CR_LANES));
      const int64_t grid_rows = ceil_div(p->m, high), grid_cols = ceil_div(p->n, wide);
      const int64_t turns = ceil_div(batch * grid_rows * grid_cols, workers);
      const int64_t work =
          turns * (high * wide + high * (p->pack_a ? 8 : 1) + wide * (p->pack_b ? 8 : 1));
      if (work >= least) continue;
      least = work;
      p->chunk_rows = high;
      p->chunk_cols = wide;
      p->grid_rows = grid_rows;
      p->grid_cols = grid_cols;
    }
  }
  p->tasks = batch * p->grid_rows * p->grid_cols;
}

// The rows of a block of A, and the scratch of a part in floats.
static int64_t choose_blocks(struct cr_gemm_plan *p) {
  const int64_t most_rows = max(p->tile_rows, BLOCK_BYTES / 4 / p->block_depth);
  const int64_t blocks = ceil_div(p->chunk_rows, most_rows);
  p->block_rows = ceil_div(p->chunk_rows, blocks);
  p->keep_b = blocks > 1;

  const int64_t panels_a = p->pack_a ? ceil_div(p->block_rows, p->tile_rows) : 0;
  const int64_t vectors_b = !p->pack_b  ? 0
                            : p->keep_b ? ceil_div(p->chunk_cols, CR_LANES)
                                        : p->tile_vectors;
  p->packed_a = panels_a * CR_LANES * p->block_depth;
  return p->packed_a + vectors_b * CR_LANES * p->block_depth;
}

void CR_NAME(cr_gemm_plan)(void *desc, int64_t threads, int64_t unused) {
  (void)unused;
  struct cr_gemm *const d = desc;
  struct cr_gemm_plan *const p = &d->plan;
  *p = (struct cr_gemm_plan){
      .m = d->m,
      .n = d->n,
      .k = d->k,
      .a_row = d->a_row,
      .a_col = d->a_col,
      .b_row = d->b_row,
      .b_col = d->b_col,
      .c_row = d->c_row,
      .c_col = d->c_col,
      .batch0 = d->batch0,
      .batch1 = d->batch1,
      .a_batch0 = d->a_batch0,
      .a_batch1 = d->a_batch1,
      .b_batch0 = d->b_batch0,
      .b_batch1 = d->b_batch1,
      .c_batch0 = d->c_batch0,
      .c_batch1 = d->c_batch1,
  };
  d->parts = d->part_bytes = 0;
  if (p->m == 0 || p->n == 0 || p->batch0 == 0 || p->batch1 == 0) return;

  if (p->batch1 == 1) shift_batch(p);
  if (merge_batch(p)) {
    shift_batch(p);
    merge_batch(p);
  }
  choose_sides(p);
  choose_kernel(p);

  // Two parts for each worker, so that a late one can be made up for, but none below about a
  // microsecond of work.
  const int64_t batch = p->batch0 * p->batch1, workers = max(1, threads);
  const double steps = (double)p->m * p->n * p->k * batch;
  const int64_t most = workers == 1 ? 1 : max(1, min(2 * workers, steps / PART_STEPS));
  choose_grid(p, ceil_div(most, batch), workers);
  d->parts = choose_parts(p->tasks, most, workers);
  d->part_bytes = round_up(4 * choose_blocks(p), 64);
}
