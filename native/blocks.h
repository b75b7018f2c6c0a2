// The block interpreter: what a compiled loop looks like in memory.
//
// A loop is a list of steps, each a vectorised pass over a block of some 512 to 1024 values that
// stay in the first-level cache. The caller plans all of it: which step runs when, where each
// value lies, how the work is cut into units. Nothing is allocated and hardly anything is decided
// here.
//
// The kept elements are taken a chunk at a time. For a chunk, every phase runs its head once (what
// depends on the kept element alone), its body for one block of inner elements after the other,
// then its tail (folds end). A block is laid out in one of two ways, the same for a whole loop:
//
//   narrow  whole rows: for each kept element of the chunk all inner elements, side by side;
//   wide    for each inner element of the block all kept elements of the chunk, side by side. A
//           chunk of one kept element makes long rows of it.
//
// Only 8-byte fields and pairs of 4-byte ones, so that a caller in another language lays it out by
// counting.
#ifndef CR_BLOCKS_H
#define CR_BLOCKS_H

#include "level.h"

typedef struct cr_step cr_step;
typedef struct cr_frame cr_frame;

// One pass over the n values of a block. d, a, b and c are registers: places in the frame's table.
// Passes over registers run on to the next multiple of 16 values, hence every register has room for
// that; passes over memory do not write past n, but may read up to 124 bytes past it.
struct cr_step {
  void (*run)(const cr_step *step, cr_frame *frame, int64_t n);
  int32_t d, a, b, c;
  const void *more;
};

// Where the counters of an affine position start.
enum { CR_AT_START, CR_AT_KEPT, CR_AT_INNER, CR_AT_BLOCK, CR_AT_COUNT };

// What one thread knows of the block at hand, and its registers.
struct cr_frame {
  int64_t at[CR_AT_COUNT];     // 0; first kept element; first inner element; both as one number
  int64_t kept_count;          // kept elements of the chunk
  int64_t inner_count;         // inner elements of the block
  void *r[];
};

struct cr_axis {
  int64_t extent, stride, second;  // second: the stride of another index walked in step
};

// An affine position: `far` axes give one offset for the whole block, `near` axes run along it.
// Both are listed slowest first and begin at the frame's counters far_at and near_at.
struct cr_where {
  char *memory;
  int64_t base, second;
  int32_t far, near, far_at, near_at;
  struct cr_axis axes[];
};

enum { CR_MOST_AXES = 16 };

// A position whose fastest axis takes its offsets from a table of its extent.
struct cr_pattern {
  const int32_t *table;
  struct cr_where where;
};

// Whether base + strides * coordinates lies in [low, high), for a position's far and near axes.
struct cr_bound {
  int64_t low, high, base;
  int64_t stride[CR_MOST_AXES];
};

// A position that counts only where all bounds hold.
struct cr_guarded {
  const struct cr_where *where;
  int64_t count;
  struct cr_bound bound[];
};

// A draw: the position's first index is the element, its second the sample.
struct cr_draw {
  int64_t key_word, row_size;
  struct cr_where where;
};

// What a step that computes a whole body is given: its draws, the register that leads to the
// parameter block, and the registers of its arrays, of its numbers, and of its results.
enum { CR_MOST_DRAWS = 4 };
struct cr_fused {
  const struct cr_draw *draw[CR_MOST_DRAWS];
  int32_t params, r[];
};

// The bodies there are by their text, ended by a null name.
struct cr_body {
  const char *name, *text;
  void (*run)(const cr_step *step, cr_frame *frame, int64_t n);
};

struct cr_steps {
  const cr_step *first, *end;
};

struct cr_phase {
  struct cr_steps head, body, tail;
  int64_t extent;                   // inner elements; 0 if there is nothing but the head
  int64_t block;                    // inner elements a block
  int64_t kept_stride;              // at[CR_AT_BLOCK] = kept * kept_stride + inner * inner_stride
  int64_t inner_stride;
};

struct cr_blocks {
  char *frames;
  int64_t frame_bytes;
  int64_t parts;        // how many ranges the units are cut into; part p uses frame p
  int64_t units;
  int64_t kept, chunk;  // kept elements, and how many of them make a chunk
  int64_t splits;       // units a chunk, each with its share of the inner elements; else 1
  int64_t split;        // inner elements a unit, a multiple of the tile of a sum
  struct cr_steps once, last;  // for each part, before and after all else
  int64_t phases;
  struct cr_phase phase[];
};

// Runs parts lo to hi - 1; parts may run at the same time.
CR_EXPORT void CR_NAME(cr_blocks)(const void *desc, int64_t lo, int64_t hi);

// The passes by name, ended by a null name; in place: value i of the result needs no other value
// than i of the operands, so that it may lie where one of them did.
struct cr_word {
  const char *name;
  void (*run)(const cr_step *step, cr_frame *frame, int64_t n);
  int64_t in_place;
};

// A list of small launches, run one after the other in one call.
struct cr_launch {
  void (*run)(const void *desc, int64_t lo, int64_t hi);
  const void *desc;
  int64_t parts;
};

CR_EXPORT void CR_NAME(cr_launches)(const void *desc, int64_t lo, int64_t hi);

#endif
