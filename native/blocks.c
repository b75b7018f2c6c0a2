// The block interpreter; blocks.h says what it is.
#include <string.h>

#include "prelude_c.h"
#include "math.h"
#include "philox.h"

#include "blocks_passes.h"

#include "blocks_words.h"
#include "blocks_memory.h"
#include "blocks_folds.h"

#define IN_PLACE(name) {#name, name, 1},
#define APART(name) {#name, name, 0},
CR_EXPORT const struct cr_word CR_NAME(cr_block_words)[] = {
  ALL_WORDS(IN_PLACE) ALL_SPREADS(APART) ALL_MEMORY(APART) ALL_FOLDS(APART) {0, 0, 0}
};

static inline void run(struct cr_steps steps, cr_frame *f, int64_t n) {
  for (const cr_step *s = steps.first; s < steps.end; s++) s->run(s, f, n);
}

// One phase for the chunk at hand, over the inner elements from lo to hi - 1.
static inline void run_phase(const struct cr_phase *phase, cr_frame *f, int64_t lo, int64_t hi) {
  f->inner_count = phase->block;
  run(phase->head, f, f->kept_count);
  for (int64_t i = lo; i < hi; i += phase->block) {
    f->inner_count = hi - i < phase->block ? hi - i : phase->block;
    f->at[CR_AT_INNER] = i;
    f->at[CR_AT_BLOCK] = f->at[CR_AT_KEPT] * phase->kept_stride + i * phase->inner_stride;
    run(phase->body, f, f->kept_count * f->inner_count);
  }
  f->at[CR_AT_INNER] = hi;
  run(phase->tail, f, f->kept_count);
}

static void run_unit(const struct cr_blocks *loop, cr_frame *f, int64_t unit) {
  int64_t chunk = loop->splits == 1 ? unit : unit / loop->splits;
  int64_t kept = chunk * loop->chunk;
  f->at[CR_AT_KEPT] = kept;
  f->kept_count = loop->kept - kept < loop->chunk ? loop->kept - kept : loop->chunk;
  int64_t lo = (unit - chunk * loop->splits) * loop->split;
  for (int64_t p = 0; p < loop->phases; p++) {
    const struct cr_phase *phase = &loop->phase[p];
    int64_t hi = phase->extent - lo < loop->split ? phase->extent : lo + loop->split;
    run_phase(phase, f, lo, hi);
  }
}

CR_EXPORT void CR_NAME(cr_blocks)(const void *desc, int64_t lo, int64_t hi) {
  const struct cr_blocks *loop = desc;
  int64_t first = 0, end = loop->units;
  if (hi - lo < loop->parts) {
    first = loop->units * lo / loop->parts;
    end = loop->units * hi / loop->parts;
  }
  cr_frame *f = (cr_frame *)(loop->frames + lo * loop->frame_bytes);
  run(loop->once, f, 1);
  for (int64_t unit = first; unit < end; unit++) run_unit(loop, f, unit);
  run(loop->last, f, 1);
}

CR_EXPORT void CR_NAME(cr_launches)(const void *desc, int64_t lo, int64_t hi) {
  const struct cr_launch *launches = desc;
  for (int64_t i = lo; i < hi; i++) launches[i].run(launches[i].desc, 0, launches[i].parts);
}
