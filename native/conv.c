// Sums of products over several axes. See conv.h for the law it keeps.
//
// As in gemm.c a register tile holds rows times vectors of C while k runs. It reads its operands in
// one of two ways:
//
//   in place  the vectors are loaded where they lie, each from one or two runs of neighbours (rows
//             of an image); the other operand is packed, a vector a step;
//   packed    the vectors are packed, and the other operand's numbers are read where they lie,
//             through a pointer a row.
//
// A task is a chunk of rows times a chunk of lanes of one outer element; a part is a run of tasks.

#include "conv.h"

#include <string.h>

#include "tile.h"

enum {
#ifdef __AVX512F__
  MOST_ROWS = 14,
#else
  MOST_ROWS = 6,
#endif
  VECTORS = 2,
  MOST_LANES = VECTORS * CR_LANES,

  // Of a chunk: rows whose places are kept, and rows or lanes whose packed panels or whose sums
  // stay in the second-level cache.
  CHUNK_ROWS = 448,
  PACKED_ROWS = 8 * MOST_ROWS,
  PACKED_LANES = 128,
  RESUMED_LANES = 2048,

  FAR_STEPS = 1 << 15,   // numbers that steps of k span, beyond which fetching ahead pays
  PART_STEPS = 1 << 17,  // fmas worth another part
};

// ---- Walks over groups of axes --------------------------------------------------------------

// Where an element of a group lies in the group's operand and in C.
struct place {
  int64_t from, to;
};

// The elements of a group in order, a run along the fastest axis after the other.
struct walk {
  const struct cr_conv_group *group;
  int64_t at[CR_CONV_AXES];
  struct place place;
};

// The group's operand is a if it has strides there, else b; the lanes have theirs in b.
CR_INLINE int64_t stride_of(const struct cr_conv_axis *axis) { return axis->a + axis->b; }

static struct walk walk_from(const struct cr_conv_group *group, int64_t element) {
  struct walk w = {.group = group};
  for (int64_t x = group->count - 1; x >= 0; x--) {
    const struct cr_conv_axis *const axis = &group->axes[x];
    w.at[x] = element % axis->extent;
    element /= axis->extent;
    w.place.from += w.at[x] * stride_of(axis);
    w.place.to += w.at[x] * axis->c;
  }
  return w;
}

// Elements left of the run.
CR_INLINE int64_t left(const struct walk *w) {
  const int64_t last = w->group->count - 1;
  return w->group->axes[last].extent - w->at[last];
}

// Moves past elements of the run.
CR_INLINE void pass(struct walk *w, int64_t elements) {
  int64_t x = w->group->count - 1;
  const struct cr_conv_axis *axis = &w->group->axes[x];
  w->at[x] += elements;
  w->place.from += elements * stride_of(axis);
  w->place.to += elements * axis->c;
  while (x > 0 && w->at[x] == axis->extent) {
    w->at[x] = 0;
    w->place.from -= axis->extent * stride_of(axis);
    w->place.to -= axis->extent * axis->c;
    axis = &w->group->axes[--x];
    w->at[x]++;
    w->place.from += stride_of(axis);
    w->place.to += axis->c;
  }
}

// ---- The register tile ----------------------------------------------------------------------

// How a tile reads: vectors of one run, vectors of up to two, or packed vectors.
enum way { ONE_RUN, TWO_RUNS, PACKED };

struct operands {
  const float *rows;                 // packed, CR_LANES a step, or
  const float *row[MOST_ROWS];       // where each row lies
  const float *lanes;                // packed, all vectors a step, or
  const float *run[VECTORS][2];      // the runs of each vector, shifted to their lanes
  cr_mask mask[VECTORS][2];
  const int32_t *step;               // what k adds to the address of what is not packed
  int64_t depth;
};

CR_INLINE cr_vec two_runs(const float *first, cr_mask some, const float *second, cr_mask others) {
#ifdef __AVX512F__
  return _mm512_mask_loadu_ps(_mm512_maskz_loadu_ps(some, first), others, second);
#else
  return _mm256_or_ps(_mm256_maskload_ps(first, some), _mm256_maskload_ps(second, others));
#endif
}

// The law itself: one fma for each element and step.
CR_INLINE void tile(const int rows, const int vectors, const enum way way,
                    const struct operands *x, float *sums, int64_t resume) {
  cr_vec acc[MOST_ROWS][VECTORS];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++)
      acc[i][v] = resume ? cr_load(sums + (i * vectors + v) * CR_LANES) : cr_zero();

  const float *a = x->rows, *b = x->lanes;
  const int32_t *step = x->step;
  for (int64_t k = x->depth; k > 0; k--, step++) {
    const int64_t far = *step;
    cr_vec bs[VECTORS];
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++) {
      if (way == PACKED)
        bs[v] = cr_load(b + v * CR_LANES);
      else if (way == ONE_RUN)
        bs[v] = cr_load_masked(x->run[v][0] + far, x->mask[v][0]);
      else
        bs[v] = two_runs(x->run[v][0] + far, x->mask[v][0], x->run[v][1] + far, x->mask[v][1]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      const cr_vec ai = cr_splat(way == PACKED ? x->row[i][far] : a[i]);
#pragma GCC unroll 16
      for (int v = 0; v < vectors; v++) acc[i][v] = cr_fma(ai, bs[v], acc[i][v]);
    }
    a += CR_LANES;
    b += vectors * CR_LANES;
  }

#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++) cr_store(sums + (i * vectors + v) * CR_LANES, acc[i][v]);
}

typedef void tile_fn(const struct operands *x, float *sums, int64_t resume);

// Every tile there is, by way, vectors and rows.
#define TILES(_)                                                         \
  CR_ALL_ROWS(_, 1, ONE_RUN) CR_ALL_ROWS(_, 2, ONE_RUN) CR_ALL_ROWS(_, 1, TWO_RUNS) \
  CR_ALL_ROWS(_, 2, TWO_RUNS) CR_ALL_ROWS(_, 1, PACKED) CR_ALL_ROWS(_, 2, PACKED)

#define DEFINE(R, V, W)                                                            \
  static void tile_##R##x##V##_##W(const struct operands *x, float *sums, int64_t resume) { \
    tile(R, V, W, x, sums, resume);                                                \
  }
TILES(DEFINE)

#define ENTRY(R, V, W) [W][V][R] = tile_##R##x##V##_##W,
static tile_fn *const tiles[PACKED + 1][VECTORS + 1][MOST_ROWS + 1] = {TILES(ENTRY)};

// ---- Packing --------------------------------------------------------------------------------

// Whether a vector of successive steps lies side by side.
CR_INLINE int adjoin(const int32_t *step) {
  for (int k = 1; k < CR_LANES; k++)
    if (step[k] - step[k - 1] != 1) return 0;
  return 1;
}

// to[k * width + j] = from[places[j] + step[k]], with zeros up to a whole vector.
static void pack(const float *from, const int64_t *places, int64_t count, const int32_t *step,
                 int64_t depth, float *to, int64_t width) {
  for (int64_t k = 0; k < depth;) {
    const int turns = depth - k >= CR_LANES && adjoin(step + k);
    const int64_t end = turns ? k + CR_LANES : k + 1;
    if (turns) {
      for (int64_t j = 0; j < count; j += CR_LANES) {
        cr_vec r[CR_LANES], t[CR_LANES];
        for (int i = 0; i < CR_LANES; i++)
          r[i] = j + i < count ? cr_load(from + places[j + i] + step[k]) : cr_zero();
        turn(r, t);
        for (int i = 0; i < CR_LANES; i++) cr_store(to + (k + i) * width + j, t[i]);
      }
    } else {
      const float *const at = from + step[k];
      float *const row = to + k * width;
      for (int64_t j = 0; j < count; j++) row[j] = at[places[j]];
      for (int64_t j = count; j % CR_LANES != 0; j++) row[j] = 0;
    }
    k = end;
  }
}

// ---- Panels of lanes ------------------------------------------------------------------------

// Lanes that are neighbours in C and in their operand, as far as one stride goes.
struct run {
  int64_t lane, count;
  struct place place;
};

// The lanes that one column of tiles computes.
struct panel {
  int64_t vectors, runs;
  enum way way;
  struct run run[MOST_LANES];
};

// Takes lanes off a walk, at most so many: packed ones close up, else a vector has up to two runs.
static int64_t take(struct walk *w, int64_t most, int in_place, int64_t vectors,
                    struct panel *panel) {
  int64_t taken = 0, lane = 0, of_vector = 0;
  panel->runs = 0;
  panel->way = in_place ? ONE_RUN : PACKED;
  while (taken < most) {
    if (in_place && of_vector == 2) {
      lane = round_up(lane, CR_LANES);
      of_vector = 0;
    }
    if (lane == vectors * CR_LANES) break;
    const int64_t room = (in_place ? round_up(lane + 1, CR_LANES) : vectors * CR_LANES) - lane;
    const int64_t count = min(min(left(w), room), most - taken);
    panel->run[panel->runs++] = (struct run){lane, count, w->place};
    pass(w, count);
    taken += count;
    lane += count;
    of_vector = lane % CR_LANES == 0 ? 0 : of_vector + 1;
    if (in_place && panel->run[panel->runs - 1].lane % CR_LANES != 0) panel->way = TWO_RUNS;
  }
  panel->vectors = ceil_div(lane, CR_LANES);
  return taken;
}

// Points a tile at its vectors where they lie.
static void point(const struct panel *panel, const float *from, struct operands *x) {
  for (int64_t v = 0; v < VECTORS; v++)
    for (int h = 0; h < 2; h++) {
      x->run[v][h] = from;
      x->mask[v][h] = cr_first(0);
    }
  for (int64_t r = 0; r < panel->runs; r++) {
    const struct run *const run = &panel->run[r];
    const int64_t v = run->lane / CR_LANES, lane = run->lane % CR_LANES;
    x->run[v][lane > 0] = from + run->place.from - lane;
    x->mask[v][lane > 0] = cr_between(lane, lane + run->count);
  }
}

// Moves a row of sums to its place in C, or from there.
CR_INLINE void move_row(int in, const struct panel *panel, int64_t stride, float *sums, float *c) {
  for (int64_t r = 0; r < panel->runs; r++) {
    const struct run *const run = &panel->run[r];
    float *const to = c + run->place.to, *const sum = sums + run->lane;
    if (stride == 1) {
      for (int64_t j = 0; j < run->count; j += CR_LANES) {
        const cr_mask some = cr_first(min(CR_LANES, run->count - j));
        if (in)
          cr_store_masked(sum + j, some, cr_load_masked(to + j, some));
        else
          cr_store_masked(to + j, some, cr_load_masked(sum + j, some));
      }
    } else {
      for (int64_t j = 0; j < run->count; j++)
        if (in)
          sum[j] = to[j * stride];
        else
          to[j * stride] = sum[j];
    }
  }
}

// ---- One task -------------------------------------------------------------------------------

struct task {
  const struct cr_conv_plan *plan;
  const float *a, *b;
  float *c;
  int64_t rows, first_lane, lanes;
  struct place place[CHUNK_ROWS];
};

// Asks for what some steps will read of a panel, before its turn comes.
static void fetch(const struct panel *panel, const float *from, const int32_t *step,
                  int64_t first, int64_t end) {
  for (int64_t r = 0; r < panel->runs; r++) {
    const float *const run = from + panel->run[r].place.from + panel->run[r].count - 1;
    for (int64_t k = first; k < end; k++) __builtin_prefetch(run + step[k]);
  }
}

// Sums of one panel of lanes with all rows of the task, over a block of k; meanwhile the next one,
// if it is given, is fetched from b.
static void multiply(const struct task *t, const struct panel *panel, const struct panel *next,
                     struct operands *x, const float *rows, const float *a, const float *b,
                     int64_t resume) {
  _Alignas(64) float sums[MOST_ROWS * VECTORS * CR_LANES];
  const struct cr_conv_plan *const p = t->plan;
  const int64_t stride = p->lanes.axes[p->lanes.count - 1].c;
  const int64_t width = panel->vectors * CR_LANES;
  const struct panels cuts = cut(t->rows, MOST_ROWS);
  const struct place *row = t->place;
  for (int64_t q = 0; q < cuts.count; q++) {
    const int64_t high = height(&cuts, q);
    if (p->in_place)
      x->rows = rows + q * CR_LANES * x->depth;
    else
      for (int64_t i = 0; i < high; i++) x->row[i] = a + row[i].from;
    if (resume)
      for (int64_t i = 0; i < high; i++)
        move_row(1, panel, stride, sums + i * width, t->c + row[i].to);
    tiles[panel->way][panel->vectors][high](x, sums, resume);
    for (int64_t i = 0; i < high; i++)
      move_row(0, panel, stride, sums + i * width, t->c + row[i].to);
    if (next)
      fetch(next, b, x->step, x->depth * q / cuts.count, x->depth * (q + 1) / cuts.count);
    row += high;
  }
}

static void pack_rows(const struct task *t, const float *a, int64_t depth, float *to) {
  const struct panels cuts = cut(t->rows, MOST_ROWS);
  const struct place *row = t->place;
  for (int64_t q = 0; q < cuts.count; q++) {
    const int64_t high = height(&cuts, q);
    int64_t places[MOST_ROWS];
    for (int64_t i = 0; i < high; i++) places[i] = row[i].from;
    pack(a, places, high, t->plan->step_a, depth, to + q * CR_LANES * depth, CR_LANES);
    row += high;
  }
}

static void pack_lanes(const struct task *t, const struct panel *panel, const float *b,
                       int64_t depth, float *to) {
  const struct cr_conv_plan *const p = t->plan;
  const int64_t stride = stride_of(&p->lanes.axes[p->lanes.count - 1]);
  int64_t places[MOST_LANES], count = 0;
  for (int64_t r = 0; r < panel->runs; r++)
    for (int64_t j = 0; j < panel->run[r].count; j++)
      places[count++] = panel->run[r].place.from + j * stride;
  pack(b, places, count, p->step_b, depth, to, panel->vectors * CR_LANES);
}

// Blocks of k; then panels of lanes; then panels of rows.
static void compute(const struct task *t, float *packed) {
  const struct cr_conv_plan *const p = t->plan;
  const int64_t blocks = p->slow.extent * p->cuts;
  for (int64_t block = 0; block < blocks; block++) {
    const int64_t q = block % p->cuts;
    const struct cr_conv_group *const slow = &p->slow;
    const float *a = t->a + q * p->cut_a, *b = t->b + q * p->cut_b;
    for (int64_t x = slow->count - 1, rest = block / p->cuts; x >= 0; x--) {
      a += rest % slow->axes[x].extent * slow->axes[x].a;
      b += rest % slow->axes[x].extent * slow->axes[x].b;
      rest /= slow->axes[x].extent;
    }
    struct operands x = {
        .lanes = packed,
        .step = p->in_place ? p->step_b : p->step_a,
        .depth = q == p->cuts - 1 ? p->last_depth : p->depth,
    };
    if (p->in_place) pack_rows(t, a, x.depth, packed);
    struct walk w = walk_from(&p->lanes, t->first_lane);
    struct panel panels[2];
    int64_t done = take(&w, t->lanes, p->in_place, VECTORS, &panels[0]);
    for (int64_t i = 0, more = 1; more; i++) {
      const struct panel *const panel = &panels[i & 1];
      struct panel *const next = &panels[~i & 1];
      more = done < t->lanes;
      if (more) done += take(&w, t->lanes - done, p->in_place, VECTORS, next);
      if (p->in_place)
        point(panel, b, &x);
      else
        pack_lanes(t, panel, b, x.depth, packed);
      multiply(t, panel, more && p->far ? next : 0, &x, packed, a, b, block > 0);
    }
  }
}

void CR_NAME(cr_conv)(const void *desc, int64_t lo, int64_t hi) {
  const struct cr_conv *const d = desc;
  const struct cr_conv_plan *const p = &d->plan;
  struct task t = {.plan = p};
  const int64_t cells = p->grid_rows * p->grid_lanes;
  for (int64_t part = lo; part < hi; part++) {
    const int64_t end = p->tasks * (part + 1) / d->parts;
    for (int64_t task = p->tasks * part / d->parts; task < end; task++) {
      t.a = p->swapped ? d->b : d->a;
      t.b = p->swapped ? d->a : d->b;
      t.c = d->c;
      for (int64_t x = p->outer.count - 1, rest = task / cells; x >= 0; x--) {
        const struct cr_conv_axis *const axis = &p->outer.axes[x];
        t.a += rest % axis->extent * axis->a;
        t.b += rest % axis->extent * axis->b;
        t.c += rest % axis->extent * axis->c;
        rest /= axis->extent;
      }
      const int64_t row = task % cells / p->grid_lanes * p->chunk_rows;
      t.rows = min(p->chunk_rows, p->rows.extent - row);
      t.first_lane = task % p->grid_lanes * p->chunk_lanes;
      t.lanes = min(p->chunk_lanes, p->lanes.extent - t.first_lane);
      struct walk w = walk_from(&p->rows, row);
      for (int64_t i = 0; i < t.rows; i++, pass(&w, 1)) t.place[i] = w.place;
      compute(&t, (float *)(d->scratch + part * d->part_bytes));
    }
  }
}

// ---- The plan -------------------------------------------------------------------------------

static struct cr_conv_group group(const struct cr_conv *d, int which, int64_t swapped) {
  struct cr_conv_group g = {.count = max(1, d->counts[which]), .extent = 1};
  g.axes[0] = (struct cr_conv_axis){.extent = 1};
  for (int64_t x = 0; x < d->counts[which]; x++) {
    const struct cr_conv_axis axis = d->axes[which][x];
    g.axes[x] = swapped ? (struct cr_conv_axis){axis.extent, axis.b, axis.a, axis.c} : axis;
    g.extent *= axis.extent;
  }
  return g;
}

// Cuts k into blocks and writes down the steps of one.
static void choose_blocks(struct cr_conv_plan *p, const struct cr_conv_group *k) {
  int64_t x = k->count - 1, fast = 1;
  while (x > 0 && fast * k->axes[x].extent <= CR_CONV_DEPTH) fast *= k->axes[x--].extent;
  const struct cr_conv_axis *const axis = &k->axes[x];
  p->cuts = ceil_div(axis->extent, max(1, CR_CONV_DEPTH / fast));
  p->cut = ceil_div(axis->extent, p->cuts);
  p->cuts = ceil_div(axis->extent, p->cut);
  p->cut_a = p->cut * axis->a;
  p->cut_b = p->cut * axis->b;
  p->depth = p->cut * fast;
  p->last_depth = (axis->extent - (p->cuts - 1) * p->cut) * fast;
  p->slow = (struct cr_conv_group){.count = x, .extent = 1};
  for (int64_t s = 0; s < x; s++) {
    p->slow.axes[s] = k->axes[s];
    p->slow.extent *= k->axes[s].extent;
  }
  for (int64_t step = 0; step < p->depth; step++) {
    int64_t a = 0, b = 0, rest = step;
    for (int64_t s = k->count - 1; s >= x; s--) {
      const int64_t at = s == x ? rest : rest % k->axes[s].extent;
      a += at * k->axes[s].a;
      b += at * k->axes[s].b;
      rest /= k->axes[s].extent;
    }
    p->step_a[step] = (int32_t)a;
    p->step_b[step] = (int32_t)b;
  }
}

// Numbers that the steps of a block span.
static int64_t span(const int32_t *step, int64_t depth) {
  int64_t least = 0, most = 0;
  for (int64_t k = 0; k < depth; k++) {
    least = min(least, step[k]);
    most = max(most, step[k]);
  }
  return most - least;
}

// Vectors that a group's lanes make where they lie.
static int64_t vectors_in_place(const struct cr_conv_group *lanes) {
  struct walk w = walk_from(lanes, 0);
  struct panel panel;
  const int64_t some = min(lanes->extent, 1 << 12);
  int64_t done = 0, vectors = 0;
  while (done < some) {
    done += take(&w, some - done, 1, 1, &panel);
    vectors++;
  }
  return ceil_div(vectors * lanes->extent, some);
}

// Cycles to pack a number, roughly as measured: few where steps are neighbours.
static double packing(const int32_t *step, int64_t depth) {
  int64_t turned = 0;
  for (int64_t k = 0; k + CR_LANES <= depth; k += CR_LANES) turned += adjoin(step + k);
  return turned * CR_LANES * 2 >= depth ? 0.5 : 1.5;
}

// Cycles of a way, roughly as measured: half of one for each vector of fmas, unless there are too
// few chains to keep the multipliers busy; and some for each number packed and moved to C.
static double cost(const struct cr_conv_plan *p, const struct cr_conv_group *k, int in_place) {
  const int64_t rows = p->rows.extent, lanes = p->lanes.extent;
  const double blocks = p->slow.extent * p->cuts;
  const int contiguous = p->lanes.axes[p->lanes.count - 1].c == 1;
  const double moves = rows * (2 * blocks - 1) * (contiguous ? 8 : 24);
  if (in_place) {
    const int64_t vectors = vectors_in_place(&p->lanes);
    const double chunks = ceil_div(lanes, blocks > 1 ? RESUMED_LANES : INT64_MAX);
    return max(rows, 4) * 0.5 * vectors * k->extent + moves * vectors +
           2 * chunks * rows * k->extent * packing(p->step_a, p->depth);
  }
  const int64_t vectors = ceil_div(lanes, CR_LANES);
  return max(rows, 2) * 0.5 * vectors * k->extent + moves * vectors +
         max(2, ceil_div(rows, CHUNK_ROWS)) * lanes * k->extent * packing(p->step_b, p->depth);
}

// Cuts the result into chunks, at least about `wanted` of them.
static void choose_grid(struct cr_conv_plan *p, int64_t wanted) {
  const int64_t rows = p->rows.extent, lanes = p->lanes.extent;
  const int resumes = p->slow.extent * p->cuts > 1;
  const int64_t most_rows = p->in_place ? PACKED_ROWS : CHUNK_ROWS;
  const int64_t most_lanes = !p->in_place ? PACKED_LANES : resumes ? RESUMED_LANES : lanes;
  int64_t grid_rows = ceil_div(rows, most_rows), grid_lanes = ceil_div(lanes, most_lanes);
  // What is left to share is shared along what is not packed, for as long as that makes tiles.
  int64_t more = ceil_div(wanted, p->outer.extent * grid_rows * grid_lanes);
  if (p->in_place)
    grid_lanes = max(grid_lanes, min(grid_lanes * more, lanes / (2 * CR_LANES)));
  else
    grid_rows = max(grid_rows, min(grid_rows * more, rows / 4));
  more = ceil_div(wanted, p->outer.extent * grid_rows * grid_lanes);
  if (p->in_place)
    grid_rows = max(grid_rows, min(grid_rows * more, rows / 4));
  else
    grid_lanes = max(grid_lanes, min(grid_lanes * more, lanes / (2 * CR_LANES)));

  // Chunks of whole runs keep their vectors full.
  const int64_t run = p->lanes.axes[p->lanes.count - 1].extent;
  const int64_t chunk = ceil_div(lanes, grid_lanes);
  p->chunk_lanes = !p->in_place  ? round_up(chunk, CR_LANES)
                   : chunk > run ? round_up(chunk, run)
                                 : round_up(chunk, 2 * CR_LANES);
  p->chunk_rows = ceil_div(rows, grid_rows);
  p->grid_lanes = ceil_div(lanes, p->chunk_lanes);
  p->grid_rows = ceil_div(rows, p->chunk_rows);
  p->tasks = p->outer.extent * p->grid_rows * p->grid_lanes;
}

void CR_NAME(cr_conv_plan)(void *desc, int64_t threads, int64_t unused) {
  (void)unused;
  struct cr_conv *const d = desc;
  struct cr_conv_plan *const p = &d->plan;
  int64_t swapped = 0, in_place = 0;
  double least = -1;
  // The last round takes the best of the others.
  for (int round = 0; round < 5; round++) {
    const int64_t swap = round < 4 ? round & 1 : swapped, lies = round < 4 ? round >> 1 : in_place;
    memset(p, 0, sizeof *p);
    p->swapped = swap;
    p->in_place = lies;
    p->outer = group(d, CR_OUTER, swap);
    p->rows = group(d, swap ? CR_COLUMNS : CR_ROWS, swap);
    p->lanes = group(d, swap ? CR_ROWS : CR_COLUMNS, swap);
    const struct cr_conv_group k = group(d, CR_SUMMED, swap);
    choose_blocks(p, &k);
    if (round == 4) break;
    const struct cr_conv_axis *const along = &p->lanes.axes[p->lanes.count - 1];
    if (lies && stride_of(along) != 1) continue;
    const double cycles = cost(p, &k, lies);
    if (least >= 0 && cycles >= least) continue;
    least = cycles;
    swapped = swap;
    in_place = lies;
  }
  d->parts = d->part_bytes = 0;
  if (p->rows.extent == 0 || p->lanes.extent == 0 || p->outer.extent == 0) return;

  p->far = p->in_place && span(p->step_b, p->depth) > FAR_STEPS;

  const int64_t workers = max(1, threads);
  const double steps = (double)p->rows.extent * p->lanes.extent * p->outer.extent * p->depth *
                       p->slow.extent * p->cuts;
  const int64_t most = workers == 1 ? 1 : max(1, min(4 * workers, steps / PART_STEPS));
  choose_grid(p, most > workers ? 2 * workers : most);
  d->parts = choose_parts(p->tasks, most, workers);
  p->packed = (p->in_place ? ceil_div(p->chunk_rows, MOST_ROWS) : VECTORS) * CR_LANES * p->depth;
  d->part_bytes = round_up(4 * p->packed, 64);
}
