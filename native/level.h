// The instruction sets the library is built for, and the few vector words of its kernels.
//
// Every source file in this folder is compiled once per level: -DCR_LEVEL=v3 with -march=x86-64-v3
// (AVX2 and FMA), and -DCR_LEVEL=v4 with -march=x86-64-v4 (AVX-512). Both sit in one library, told
// apart by a suffix, and the caller picks one when it loads. A kernel written in these words gives
// the same bits at both levels, because a lane never learns how many neighbours it has.
#ifndef CR_LEVEL_H
#define CR_LEVEL_H

#include <immintrin.h>
#include <stdint.h>

#define CR_PASTE_(name, level) name##_##level
#define CR_PASTE(name, level) CR_PASTE_(name, level)
#define CR_NAME(name) CR_PASTE(name, CR_LEVEL)
#define CR_EXPORT __attribute__((visibility("default")))
#define CR_INLINE static inline __attribute__((always_inline))

// The vector words, for sources that do not speak the dialect of kernels/, whose cr_fma is scalar.
#ifndef CR_PRELUDE

// A masked load touches no byte outside its mask, and puts +0 in the other lanes.
#ifdef __AVX512F__

enum { CR_LANES = 16, CR_MASKS_ARE_FREE = 1 };
typedef __m512 cr_vec;
typedef __mmask16 cr_mask;

CR_INLINE cr_vec cr_zero(void) { return _mm512_setzero_ps(); }
CR_INLINE cr_vec cr_splat(float x) { return _mm512_set1_ps(x); }
CR_INLINE cr_vec cr_load(const float *p) { return _mm512_loadu_ps(p); }
CR_INLINE void cr_store(float *p, cr_vec x) { _mm512_storeu_ps(p, x); }
CR_INLINE cr_vec cr_fma(cr_vec x, cr_vec y, cr_vec z) { return _mm512_fmadd_ps(x, y, z); }

// The first `lanes` lanes, 0 <= lanes <= CR_LANES.
CR_INLINE cr_mask cr_first(int64_t lanes) { return (cr_mask)((1u << lanes) - 1u); }
// The lanes from `first` on, up to and without `end`.
CR_INLINE cr_mask cr_between(int64_t first, int64_t end) {
  return (cr_mask)(cr_first(end) & ~cr_first(first));
}
CR_INLINE cr_vec cr_load_masked(const float *p, cr_mask m) { return _mm512_maskz_loadu_ps(m, p); }
CR_INLINE void cr_store_masked(float *p, cr_mask m, cr_vec x) { _mm512_mask_storeu_ps(p, m, x); }

#else

enum { CR_LANES = 8, CR_MASKS_ARE_FREE = 0 };
typedef __m256 cr_vec;
typedef __m256i cr_mask;

CR_INLINE cr_vec cr_zero(void) { return _mm256_setzero_ps(); }
CR_INLINE cr_vec cr_splat(float x) { return _mm256_set1_ps(x); }
CR_INLINE cr_vec cr_load(const float *p) { return _mm256_loadu_ps(p); }
CR_INLINE void cr_store(float *p, cr_vec x) { _mm256_storeu_ps(p, x); }
CR_INLINE cr_vec cr_fma(cr_vec x, cr_vec y, cr_vec z) { return _mm256_fmadd_ps(x, y, z); }

// The first `lanes` lanes, 0 <= lanes <= CR_LANES.
CR_INLINE cr_mask cr_first(int64_t lanes) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)lanes), lane);
}
// The lanes from `first` on, up to and without `end`.
CR_INLINE cr_mask cr_between(int64_t first, int64_t end) {
  return _mm256_andnot_si256(cr_first(first), cr_first(end));
}
CR_INLINE cr_vec cr_load_masked(const float *p, cr_mask m) { return _mm256_maskload_ps(p, m); }

// A masked store takes many steps on some processors, so a whole vector goes the plain way.
CR_INLINE void cr_store_masked(float *p, cr_mask m, cr_vec x) {
  if (_mm256_movemask_ps(_mm256_castsi256_ps(m)) == 0xff)
    cr_store(p, x);
  else
    _mm256_maskstore_ps(p, m, x);
}

#endif

#endif

#endif
