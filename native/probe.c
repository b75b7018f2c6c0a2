// What the Java side asks of the library itself, rather than of a kernel.
#include "level.h"

// For the tests of the worker pool: adds one to each number of a range.
CR_EXPORT void CR_NAME(cr_probe_add)(void *descriptor, int64_t lo, int64_t hi) {
  int64_t *counts = descriptor;
  for (int64_t i = lo; i < hi; i++) counts[i]++;
}

// These names carry no level, so only the lower one defines them.
#ifndef __AVX512F__

// Calls a kernel by its address: the one function that Java calls, with four plain numbers, so that
// a call makes no object.
CR_EXPORT void cr_call(int64_t address, int64_t descriptor, int64_t lo, int64_t hi) {
  ((void (*)(void *, int64_t, int64_t))address)((void *)descriptor, lo, hi);
}

// The highest level this processor can run: 4, 3, or 0 for below the floor. It has to run on any
// x86-64 itself, hence the target.
CR_EXPORT __attribute__((target("arch=x86-64"))) int64_t cr_cpu_level(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  if (__builtin_cpu_supports("x86-64-v3")) return 3;
  return 0;
}

#endif
