// The routines of kernels/routines.h over ranges of work items. A descriptor is a list of 8-byte
// words: the numbers, then the arrays.
#include "prelude_c.h"
#include "routines.h"

#include "level.h"

CR_EXPORT void CR_NAME(cr_cholesky_items)(const void *desc, int64_t lo, int64_t hi) {
  const int64_t *number = desc;
  float *const *array = (float *const *)(number + 1);
  for (int64_t item = lo; item < hi; item++)
    cr_cholesky(item, (cr_i32)number[0], array[0], array[1]);
}

CR_EXPORT void CR_NAME(cr_triangular_solve_items)(const void *desc, int64_t lo, int64_t hi) {
  const int64_t *number = desc;
  float *const *array = (float *const *)(number + 4);
  for (int64_t item = lo; item < hi; item++)
    cr_triangular_solve(item, (cr_i32)number[0], (cr_i32)number[1], (cr_i32)number[2],
                        (cr_i32)number[3], array[0], array[1], array[2]);
}
