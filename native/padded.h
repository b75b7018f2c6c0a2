// Sums of products of an image that is 0 outside its array, and between the elements of a spread
// one: the gradient of a convolution with respect to its image above all.
//   c[outer, place, row, lane] = sum over k of image[outer, place, k, lane] * filter[outer, row, k],
// where outer, place and k each stand for a few axes; image lies in plain strides but for its
// sides, of which each bounds an e that place and k move along.
//
// The law is that of gemm.h: every element is one chain acc = fmaf(a, b, acc) over k ascending in
// row-major order, from +0. A step outside the image adds 0 * b. Where b is finite, that changes
// nothing but perhaps a -0 into a +0, and no step ever turns a +0 into a -0 that adds a zero. So
// such steps are left out; a place where -0 comes out is computed again with all its steps, and so
// is every place if the filter holds an infinity or no number.
//
// The lanes, images of a batch, are packed to be neighbours, so that a place has steps of its own.
//
// Use: fill all but what is planned, call cr_padded_plan once, give it parts * part_bytes of
// scratch aligned to 64 bytes and the pointers, then call cr_padded on any split of [0, parts).
#ifndef CR_PADDED_H
#define CR_PADDED_H

#include "level.h"

enum { CR_PADDED_AXES = 4, CR_PADDED_SIDES = 2, CR_PADDED_STEPS = 1024 };

// The groups of axes. Of k's, slow is the one that no side depends on, if that is the slowest.
enum { CR_PADDED_OUTER, CR_PADDED_PLACES, CR_PADDED_FAST, CR_PADDED_GROUPS };

// An axis with its strides in elements, and in the e of each side.
struct cr_padded_axis {
  int64_t extent, image, filter, c, e[CR_PADDED_SIDES];
};

// Inside the image is low <= e < high with e a multiple of spacing, and e / spacing moves the image
// by so many elements.
struct cr_padded_side {
  int64_t constant, low, high, spacing, factor;
};

// Only 8-byte fields, so that a caller in another language lays it out by counting.
struct cr_padded {
  const float *image, *filter;
  float *c;
  char *scratch;

  int64_t span;   // elements of one lane that any step of one outer element reads, and
  int64_t first;  // where, from image, they begin
  struct cr_padded_side sides[CR_PADDED_SIDES];  // unused ones always hold
  struct cr_padded_axis lane, row, slow;
  int64_t counts[CR_PADDED_GROUPS];
  struct cr_padded_axis axes[CR_PADDED_GROUPS][CR_PADDED_AXES];  // slowest first

  // Planned, for the caller: how many parts there are, and the scratch of each.
  int64_t parts, part_bytes;

  // Planned, for the kernel.
  struct cr_padded_plan {
    int64_t outer, chunks, runs, tasks;  // tasks of an outer element: chunks of lanes times runs
    int64_t line, line_runs;             // places of the fastest axis, and the runs of them
    int64_t fast;                        // steps of one slow element
    int64_t packed_lanes, packed_filter, steps;  // bytes of scratch
  } plan;
};

// Threads: how many workers may take parts at once.
CR_EXPORT void CR_NAME(cr_padded_plan)(void *desc, int64_t threads, int64_t unused);

// Computes parts lo to hi - 1.
CR_EXPORT void CR_NAME(cr_padded)(const void *desc, int64_t lo, int64_t hi);

#endif
