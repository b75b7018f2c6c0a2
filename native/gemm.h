// The single-precision matrix product: C[i,j] = sum over k of A[i,k] * B[k,j], or C + that sum.
//
// The law: every element is one chain acc = fmaf(a, b, acc) over k ascending, from +0 (or from the
// old C). Tiling, threads, batch splits and instruction sets change the order in which elements are
// visited and never the chain, so they never change a bit.
//
// Use: fill the first three groups, call cr_gemm_plan once, give it parts * part_bytes of scratch
// aligned to 64 bytes, then call cr_gemm on any split of [0, parts). Parts may run at the same
// time. Pointers may change between runs; sizes and strides ask for a new plan.
#ifndef CR_GEMM_H
#define CR_GEMM_H

#include "level.h"

// Only 8-byte fields, so that a caller in another language lays it out by counting.
struct cr_gemm {
  const float *a, *b;
  float *c;
  char *scratch;

  int64_t m, n, k;
  int64_t a_row, a_col, b_row, b_col, c_row, c_col;  // strides in elements; 0 broadcasts
  int64_t accumulate;                                // 0: C is only written; 1: it is added to

  int64_t batch0, batch1;  // two outer axes, 1 where unused
  int64_t a_batch0, a_batch1, b_batch0, b_batch1, c_batch0, c_batch1;

  // Planned, for the caller: how many parts there are, and the scratch of each.
  int64_t parts, part_bytes;

  // Planned, for the kernel: the same product with the axes merged and, if swapped, transposed, so
  // that vectors always run along the columns.
  struct cr_gemm_plan {
    int64_t swapped;
    int64_t m, n, k;
    int64_t a_row, a_col, b_row, b_col, c_row, c_col;
    int64_t batch0, batch1;
    int64_t a_batch0, a_batch1, b_batch0, b_batch1, c_batch0, c_batch1;
    int64_t tile_rows, tile_vectors;          // the largest register tile in use
    int64_t block_rows, block_depth;          // rows of A and steps of k taken at a time
    int64_t one_row, pack_a, pack_b, keep_b;  // which way it is computed
    int64_t packed_a;                         // floats of scratch that hold A; B's follow
    int64_t grid_rows, grid_cols;             // cells each product of the batch is cut into,
    int64_t chunk_rows, chunk_cols;           // and the rows and columns of a cell
    int64_t tasks;                            // all cells of all products
  } plan;
};

// Threads: how many workers may take parts at once.
CR_EXPORT void CR_NAME(cr_gemm_plan)(void *desc, int64_t threads, int64_t unused);

// Computes parts lo to hi - 1.
CR_EXPORT void CR_NAME(cr_gemm)(const void *desc, int64_t lo, int64_t hi);

#endif
