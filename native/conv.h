// Sums of products over several axes, a convolution's above all:
//   c[outer, row, column] = sum over k of a[outer, row, k] * b[outer, column, k],
// where outer, row, column and k each stand for a few axes with strides of their own.
//
// The law is that of gemm.h: every element is one chain acc = fmaf(a, b, acc) over k ascending in
// row-major order, from +0, whatever the tiling, the threads and the instruction set.
//
// No patches of an image are ever written. An element's address is the sum of an offset by row and
// one by k, so the image is read where it lies: either whole vectors of it, its pixels being the
// lanes, against the filters' numbers one at a time; or its numbers one at a time, against packed
// vectors of the other factor.
//
// Use: fill counts and axes, call cr_conv_plan once, give it parts * part_bytes of scratch aligned
// to 64 bytes and the pointers, then call cr_conv on any split of [0, parts).
#ifndef CR_CONV_H
#define CR_CONV_H

#include "level.h"

enum { CR_CONV_AXES = 6, CR_CONV_DEPTH = 1280 };

// The groups of axes.
enum { CR_OUTER, CR_ROWS, CR_COLUMNS, CR_SUMMED, CR_GROUPS };

// An axis with its strides in elements, 0 where an array does not move.
struct cr_conv_axis {
  int64_t extent, a, b, c;
};

// Only 8-byte fields and, last, pairs of 4-byte ones, so that a caller in another language lays it
// out by counting.
struct cr_conv {
  const float *a, *b;
  float *c;
  char *scratch;

  int64_t counts[CR_GROUPS];
  struct cr_conv_axis axes[CR_GROUPS][CR_CONV_AXES];  // slowest first

  // Planned, for the caller: how many parts there are, and the scratch of each.
  int64_t parts, part_bytes;

  // Planned, for the kernel. Where swapped, a's rows become the lanes, a and b changing places.
  struct cr_conv_plan {
    int64_t swapped, in_place;
    struct cr_conv_group {
      int64_t count, extent;
      struct cr_conv_axis axes[CR_CONV_AXES];
    } outer, rows, lanes;
    // k is cut into blocks: a block takes `cut` steps of one axis and all steps of the faster ones,
    // whose offsets are the tables; `slow` are the axes that are slower.
    struct cr_conv_group slow;
    int64_t cut, cuts, cut_a, cut_b, depth, last_depth;
    int64_t chunk_rows, chunk_lanes, grid_rows, grid_lanes, tasks;
    int64_t packed;  // floats of scratch
    int64_t far;     // whether the lanes of a panel lie so far apart that they are fetched ahead
    int32_t step_a[CR_CONV_DEPTH], step_b[CR_CONV_DEPTH];
  } plan;
};

// Threads: how many workers may take parts at once.
CR_EXPORT void CR_NAME(cr_conv_plan)(void *desc, int64_t threads, int64_t unused);

// Computes parts lo to hi - 1.
CR_EXPORT void CR_NAME(cr_conv)(const void *desc, int64_t lo, int64_t hi);

#endif
