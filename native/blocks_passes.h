// What passes are written with: kinds of values, blocks, walks along positions, draws; included by
// the sources whose passes the block interpreter runs.
#ifndef CR_BLOCKS_PASSES_H
#define CR_BLOCKS_PASSES_H

#include "blocks.h"
#include "noise.h"

typedef cr_i32 i32;
typedef cr_u32 u32;
typedef float f32;

// The passes compute whole groups of 16, known to the compiler, so that they have no ragged end.
#define WHOLE(n) (((n) + 15) & ~(int64_t)15)

// A result may lie where an operand did: value i never needs another value than i.
#define PASS(n) _Pragma("GCC ivdep") for (int64_t i = 0, end = WHOLE(n); i < end; i++)

// Walks an affine position along a block, one run of its fastest axis after the other.
struct cursor {
  const struct cr_axis *axes;  // the near axes
  int64_t offset, second;
  int64_t coordinate[CR_MOST_AXES];
  int32_t count;
};

// Takes the coordinates of flat position p apart and adds what they contribute to the offsets.
static inline void seek_axes(struct cursor *c, const struct cr_axis *axes, int32_t count, int64_t p,
                             int64_t *coordinate) {
  for (int32_t k = count - 1; k >= 0; k--) {
    int64_t rest = p;
    if (k > 0 && p != 0) {
      p = rest / axes[k].extent;
      rest -= p * axes[k].extent;
    }
    coordinate[k] = rest;
    c->offset += rest * axes[k].stride;
    c->second += rest * axes[k].second;
  }
}

static inline struct cursor seek(const struct cr_where *w, const cr_frame *f) {
  struct cursor c;
  c.offset = w->base;
  c.second = w->second;
  seek_axes(&c, w->axes, w->far, f->at[w->far_at], c.coordinate);
  c.axes = w->axes + w->far;
  c.count = w->near;
  seek_axes(&c, c.axes, c.count, f->at[w->near_at], c.coordinate);
  return c;
}

// Length of the run that begins here, at most `most`.
static inline int64_t run_length(const struct cursor *c, int64_t most) {
  int32_t k = c->count - 1;
  int64_t left = c->axes[k].extent - c->coordinate[k];
  return left < most ? left : most;
}

// Moves past m elements of the run.
static inline void pass(struct cursor *c, int64_t m) {
  int32_t k = c->count - 1;
  const struct cr_axis *axis = &c->axes[k];
  c->offset += m * axis->stride;
  c->second += m * axis->second;
  c->coordinate[k] += m;
  while (k > 0 && c->coordinate[k] == axis->extent) {
    c->offset -= axis->extent * axis->stride;
    c->second -= axis->extent * axis->second;
    c->coordinate[k] = 0;
    axis = &c->axes[--k];
    c->offset += axis->stride;
    c->second += axis->second;
    c->coordinate[k]++;
  }
}

// For every run of m values from value i on, the cursor standing at its first.
#define RUNS(where)                                    \
  const struct cr_where *w = (where);                  \
  struct cursor c = seek(w, f);                        \
  const int64_t stride = c.axes[c.count - 1].stride;   \
  for (int64_t i = 0, m; i < n; i += m, pass(&c, m))   \
    if ((m = run_length(&c, n - i)) > 0)

// Short loops over a run; the first computes whole groups of 16, which run over into the next run,
// whose turn comes.
#define RUN_OVER(m) _Pragma("GCC ivdep") for (int64_t j = 0, stop = WHOLE(m); j < stop; j++)
#define RUN(m) _Pragma("GCC ivdep") for (int64_t j = 0; j < (m); j++)

// ---- Draws ----

enum { PARAM_STEP, PARAM_FIRST_SAMPLE, PARAM_FIRST_ROW };

// A draw, and how far it has been drawn.
struct drawing {
  u32 k0, k1, step, sample;
  int64_t element;
  struct cursor at;
};

static inline struct drawing drawing(const struct cr_draw *draw, const void *params,
                                     const cr_frame *f) {
  const i32 *p = params;
  return (struct drawing){(u32)p[draw->key_word], (u32)p[draw->key_word + 1], (u32)p[PARAM_STEP],
                          (u32)p[PARAM_FIRST_SAMPLE], draw->row_size * p[PARAM_FIRST_ROW],
                          seek(&draw->where, f)};
}

// Draws the next n values.
#define NEXT(name, M, fill, each)                                                          \
  static inline void name##_next(struct drawing *o, M *d, int64_t n) {                     \
    const struct cr_axis *axis = &o->at.axes[o->at.count - 1];                             \
    const int64_t stride = axis->stride, second = axis->second;                            \
    for (int64_t m; n > 0; n -= m, d += m, pass(&o->at, m)) {                              \
      m = run_length(&o->at, n);                                                           \
      int64_t e = o->element + o->at.offset;                                               \
      u32 sample = o->sample + (u32)o->at.second;                                          \
      if (stride == 1 && second == 0 && m > 1) {                                           \
        fill(d, e, m, o->k0, o->k1, o->step, sample);                                      \
      } else {                                                                             \
        for (int64_t j = 0; j < m; j++)                                                    \
          d[j] = each(o->k0, o->k1, o->step, sample + (u32)(j * second), 0, e + j * stride); \
      }                                                                                    \
    }                                                                                      \
  }

NEXT(bits, u32, cr_fill_bits, cr_noise_bits)
NEXT(normal, f32, cr_fill_normal, cr_noise_normal)

#endif
