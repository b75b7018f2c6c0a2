// Sums of products of an image that is 0 outside its array. See padded.h for the law it keeps.
//
// A register tile holds rows times vectors of lanes of one place while k runs over the steps that
// meet the image. A task is a run of places along their fastest axis with a chunk of lanes of one
// outer element; a part is a run of tasks.

#include "padded.h"

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
  RUN = CR_LANES,        // places that are computed, then moved to C together
  PART_STEPS = 1 << 17,  // fmas worth another part
};

static const _Alignas(64) float zeros[MOST_LANES];

// A step of k: where the packed lanes are, negative outside the image, and which of the filter's.
struct step {
  int32_t lanes, filter;
};

// Where an element of k's fast axes lies, and where an element of the places does.
struct point {
  int64_t image, filter, c, e[CR_PADDED_SIDES];
};

struct work {
  const struct cr_padded *d;
  float *lanes;   // packed, [span][vectors of lanes]
  float *filter;  // packed, a panel of rows after the other, [slow][fast][rows]
  struct point *fast;
  struct step *steps;  // [RUN][fast], then one place's [fast] with those outside
  int64_t finite;      // whether all of the filter is
  int64_t count, vectors;
};

// ---- The register tile ----------------------------------------------------------------------

struct operands {
  const float *lanes, *filter;
  int64_t slow, slow_lanes, slow_filter;
  const struct step *steps;
  int64_t count;
};

// The law itself: one fma for each element and step, where `whole` those outside the image too.
CR_INLINE void tile(const int rows, const int vectors, const int whole, const struct operands *x,
                    float *sums, int64_t pitch) {
  cr_vec acc[MOST_ROWS][VECTORS];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++) acc[i][v] = cr_zero();

  const float *lanes = x->lanes, *filter = x->filter;
  const struct step *const end = x->steps + x->count;
  for (int64_t slow = x->slow; slow > 0; slow--) {
    for (const struct step *step = x->steps; step < end; step++) {
      const float *const b = whole && step->lanes < 0 ? zeros : lanes + step->lanes;
      const float *const a = filter + step->filter * (int64_t)rows;
      cr_vec bs[VECTORS];
#pragma GCC unroll 16
      for (int v = 0; v < vectors; v++) bs[v] = cr_load(b + v * CR_LANES);
#pragma GCC unroll 16
      for (int i = 0; i < rows; i++) {
        const cr_vec ai = cr_splat(a[i]);
#pragma GCC unroll 16
        for (int v = 0; v < vectors; v++) acc[i][v] = cr_fma(ai, bs[v], acc[i][v]);
      }
    }
    lanes += x->slow_lanes;
    filter += x->slow_filter;
  }

#pragma GCC unroll 16
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++) cr_store(sums + i * pitch + v * CR_LANES, acc[i][v]);
}

typedef void tile_fn(const struct operands *x, float *sums, int64_t pitch);

// Every tile there is, by whole, vectors and rows.
#define TILES(_) CR_ALL_ROWS(_, 1, 0) CR_ALL_ROWS(_, 2, 0) CR_ALL_ROWS(_, 1, 1) CR_ALL_ROWS(_, 2, 1)

#define DEFINE(R, V, W)                                                                       \
  static void tile_##R##x##V##_##W(const struct operands *x, float *sums, int64_t pitch) { \
    tile(R, V, W, x, sums, pitch);                                                            \
  }
TILES(DEFINE)

#define ENTRY(R, V, W) [W][V][R] = tile_##R##x##V##_##W,
static tile_fn *const tiles[2][VECTORS + 1][MOST_ROWS + 1] = {TILES(ENTRY)};

// ---- Packing --------------------------------------------------------------------------------

// to[element][lane] = from[element + lane * stride], with zeros up to whole vectors.
static void pack_lanes(const float *from, int64_t span, int64_t count, int64_t stride, float *to) {
  const int64_t width = round_up(count, CR_LANES);
  for (int64_t v = 0; v < width; v += CR_LANES) {
    const int64_t lanes = min(CR_LANES, count - v);
    if (stride == 1) {
      const cr_mask some = cr_first(lanes);
      for (int64_t j = 0; j < span; j++)
        cr_store(to + j * width + v, cr_load_masked(from + j + v, some));
      continue;
    }
    for (int64_t j = 0; j < span; j += CR_LANES) {
      const int64_t high = min(CR_LANES, span - j);
      const cr_mask some = cr_first(high);
      cr_vec r[CR_LANES], t[CR_LANES];
      for (int64_t i = 0; i < CR_LANES; i++)
        r[i] = i < lanes ? cr_load_masked(from + (v + i) * stride + j, some) : cr_zero();
      turn(r, t);
      for (int64_t i = 0; i < high; i++) cr_store(to + (j + i) * width + v, t[i]);
    }
  }
}

// Panels of rows, [slow][fast][row] each.
static void pack_filter(struct work *x, const float *from) {
  const struct cr_padded *const d = x->d;
  const struct panels cuts = cut(d->row.extent, MOST_ROWS);
  const int64_t fast = d->plan.fast;
  float *to = x->filter;
  uint32_t odd = 0;
  for (int64_t q = 0; q < cuts.count; q++) {
    const int64_t high = height(&cuts, q);
    for (int64_t slow = 0; slow < d->slow.extent; slow++)
      for (int64_t k = 0; k < fast; k++, to += high) {
        const float *const at = from + slow * d->slow.filter + x->fast[k].filter;
        for (int64_t i = 0; i < high; i++) {
          uint32_t bits;
          to[i] = at[i * d->row.filter];
          memcpy(&bits, to + i, 4);
          odd |= (bits & 0x7f800000) == 0x7f800000;
        }
      }
    from += high * d->row.filter;
  }
  x->finite = !odd;
}

// ---- Steps ----------------------------------------------------------------------------------

// Where an element of a group of axes lies.
static struct point locate(const struct cr_padded *d, int group, int64_t element) {
  struct point at = {0};
  for (int64_t x = d->counts[group] - 1; x >= 0; x--) {
    const struct cr_padded_axis *const axis = &d->axes[group][x];
    const int64_t along = element % axis->extent;
    element /= axis->extent;
    at.image += along * axis->image;
    at.filter += along * axis->filter;
    at.c += along * axis->c;
    for (int s = 0; s < CR_PADDED_SIDES; s++) at.e[s] += along * axis->e[s];
  }
  return at;
}

// The steps that a place takes, those outside the image too if `whole`; gives their number.
static int64_t steps_of(const struct work *x, const struct point *place, int whole,
                        struct step *steps) {
  const struct cr_padded *const d = x->d;
  const int64_t width = x->vectors * CR_LANES;
  int64_t count = 0;
  for (int64_t k = 0; k < d->plan.fast; k++) {
    const struct point *const fast = &x->fast[k];
    int64_t at = place->image + fast->image - d->first;
    int inside = 1;
    for (int s = 0; s < CR_PADDED_SIDES; s++) {
      const struct cr_padded_side *const side = &d->sides[s];
      const int64_t e = side->constant + place->e[s] + fast->e[s];
      inside &= side->low <= e && e < side->high;
      if (side->spacing == 1) {
        at += e * side->factor;
      } else {
        inside &= e % side->spacing == 0;
        at += e / side->spacing * side->factor;
      }
    }
    steps[count] = (struct step){inside ? (int32_t)(at * width) : -1, (int32_t)k};
    count += inside | whole;
  }
  return count;
}

// ---- One task -------------------------------------------------------------------------------

static int has_negative_zero(const float *sums, int64_t rows, int64_t pitch, int64_t width) {
  int found = 0;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < width; j++) {
      uint32_t bits;
      memcpy(&bits, sums + i * pitch + j, 4);
      found |= bits == 0x80000000u;
    }
  return found;
}

// Moves sums of a run of places, [place][lane], to their places in C.
static void move(const struct work *x, const float *sums, int64_t places, int64_t stride,
                 float *c) {
  const int64_t far = x->d->lane.c, width = x->vectors * CR_LANES;
  if (stride == 1) {
    const cr_mask some = cr_first(places);
    for (int64_t v = 0; v < width; v += CR_LANES) {
      cr_vec r[CR_LANES], t[CR_LANES];
      for (int64_t i = 0; i < CR_LANES; i++)
        r[i] = i < places ? cr_load(sums + i * width + v) : cr_zero();
      turn(r, t);
      for (int64_t i = 0; i < min(CR_LANES, x->count - v); i++)
        cr_store_masked(c + (v + i) * far, some, t[i]);
    }
  } else {
    for (int64_t p = 0; p < places; p++)
      for (int64_t i = 0; i < x->count; i++) c[p * stride + i * far] = sums[p * width + i];
  }
}

// A run of places with all rows, to c.
static void compute(const struct work *x, int64_t first, int64_t places, float *c) {
  _Alignas(64) float sums[MOST_ROWS * RUN * MOST_LANES];
  const struct cr_padded *const d = x->d;
  const int64_t fast = d->plan.fast, width = x->vectors * CR_LANES, pitch = RUN * width;
  const int64_t last = d->counts[CR_PADDED_PLACES] - 1;
  const int64_t stride = last < 0 ? 1 : d->axes[CR_PADDED_PLACES][last].c;
  struct step *const all = x->steps + RUN * fast;
  struct point place[RUN];
  int64_t counts[RUN];
  for (int64_t p = 0; p < places; p++) {
    place[p] = locate(d, CR_PADDED_PLACES, first + p);
    counts[p] = steps_of(x, &place[p], !x->finite, x->steps + p * fast);
  }
  const struct panels cuts = cut(d->row.extent, MOST_ROWS);
  const float *filter = x->filter;
  c += place[0].c;
  for (int64_t q = 0; q < cuts.count; q++) {
    const int64_t high = height(&cuts, q);
    struct operands o = {
        .lanes = x->lanes,
        .filter = filter,
        .slow = d->slow.extent,
        .slow_lanes = d->slow.image * width,
        .slow_filter = fast * high,
    };
    for (int64_t p = 0; p < places; p++) {
      o.steps = x->steps + p * fast;
      o.count = counts[p];
      float *const to = sums + p * width;
      tiles[!x->finite][x->vectors][high](&o, to, pitch);
      if (counts[p] < fast && has_negative_zero(to, high, pitch, width)) {
        o.steps = all;
        o.count = steps_of(x, &place[p], 1, all);
        tiles[1][x->vectors][high](&o, to, pitch);
      }
    }
    for (int64_t i = 0; i < high; i++, c += d->row.c) move(x, sums + i * pitch, places, stride, c);
    filter += d->slow.extent * fast * high;
  }
}

void CR_NAME(cr_padded)(const void *desc, int64_t lo, int64_t hi) {
  const struct cr_padded *const d = desc;
  const struct cr_padded_plan *const p = &d->plan;
  for (int64_t part = lo; part < hi; part++) {
    char *const scratch = d->scratch + part * d->part_bytes;
    struct work x = {
        .d = d,
        .lanes = (float *)scratch,
        .filter = (float *)(scratch + p->packed_lanes),
        .steps = (struct step *)(scratch + p->packed_lanes + p->packed_filter),
        .fast = (struct point *)(scratch + p->packed_lanes + p->packed_filter + p->steps),
    };
    for (int64_t k = 0; k < p->fast; k++) x.fast[k] = locate(d, CR_PADDED_FAST, k);
    int64_t filter = -1, lanes = -1;  // what is packed
    const int64_t end = p->tasks * (part + 1) / d->parts;
    for (int64_t task = p->tasks * part / d->parts; task < end; task++) {
      const int64_t block = task / p->runs, chunk = block % p->chunks;
      const struct point outer = locate(d, CR_PADDED_OUTER, block / p->chunks);
      x.count = min(MOST_LANES, d->lane.extent - chunk * MOST_LANES);
      x.vectors = ceil_div(x.count, CR_LANES);
      if (filter != outer.filter) {
        filter = outer.filter;
        pack_filter(&x, d->filter + filter);
      }
      if (lanes != block) {
        lanes = block;
        const float *const from =
            d->image + d->first + outer.image + chunk * MOST_LANES * d->lane.image;
        pack_lanes(from, d->span, x.count, d->lane.image, x.lanes);
      }
      const int64_t run = task % p->runs, along = run % p->line_runs * RUN;
      compute(&x, run / p->line_runs * p->line + along, min(RUN, p->line - along),
              d->c + outer.c + chunk * MOST_LANES * d->lane.c);
    }
  }
}

// ---- The plan -------------------------------------------------------------------------------

static int64_t extent(const struct cr_padded *d, int group) {
  int64_t extent = 1;
  for (int64_t x = 0; x < d->counts[group]; x++) extent *= d->axes[group][x].extent;
  return extent;
}

void CR_NAME(cr_padded_plan)(void *desc, int64_t threads, int64_t unused) {
  (void)unused;
  struct cr_padded *const d = desc;
  struct cr_padded_plan *const p = &d->plan;
  const int64_t places = extent(d, CR_PADDED_PLACES), last = d->counts[CR_PADDED_PLACES] - 1;
  p->line = last < 0 ? 1 : d->axes[CR_PADDED_PLACES][last].extent;
  p->line_runs = ceil_div(p->line, RUN);
  p->runs = places / p->line * p->line_runs;
  p->outer = extent(d, CR_PADDED_OUTER);
  p->chunks = ceil_div(d->lane.extent, MOST_LANES);
  p->tasks = p->outer * p->chunks * p->runs;
  p->fast = extent(d, CR_PADDED_FAST);

  const int64_t vectors = ceil_div(min(MOST_LANES, d->lane.extent), CR_LANES);
  p->packed_lanes = 4 * d->span * vectors * CR_LANES;
  p->packed_filter = round_up(4 * d->row.extent * d->slow.extent * p->fast, 64);
  p->steps = round_up((int64_t)sizeof(struct step) * (RUN + 1) * p->fast, 64);
  d->part_bytes = p->packed_lanes + p->packed_filter + p->steps +
                  round_up((int64_t)sizeof(struct point) * p->fast, 64);

  const int64_t workers = max(1, threads);
  const double steps = (double)p->tasks * min(MOST_LANES, d->lane.extent) * d->row.extent *
                       d->slow.extent * p->fast;
  const int64_t most = workers == 1 ? 1 : max(1, min(2 * workers, steps / PART_STEPS));
  d->parts = choose_parts(p->tasks, most, workers);
}
