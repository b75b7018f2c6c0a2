/*
 * Ranges of random draws on the CPU; include it after kernels/philox.h, once per instruction set.
 *
 * The bits are those of philox.h's element-wise definition. The unit of work is a tile: 64
 * elements that start at a multiple of 64, which is 16 blocks with consecutive counters, each
 * word of which fills 16 neighbouring elements. A range's ragged ends go through a tile of scratch.
 *
 * Philox is written with intrinsics because the compiler makes slow 64-bit products of its
 * 32 x 32 -> 64 ones. Even and odd counters live apart, each in the low half of a 64-bit lane: a
 * product's low word is then used where it lies, and what it leaves in the high half does no
 * harm, since the multiplier reads only low halves.
 */
#ifndef CR_NOISE_H
#define CR_NOISE_H

#if defined(__AVX2__)
#include <immintrin.h>
#endif

enum { CR_TILE = 64 };

/* All that names a draw but its element. */
typedef struct {
  cr_u32 k0, k1, step, sample, attempt;
} cr_noise;

/* ---- A wide register of 64-bit lanes, each with a word in its low half ---- */

#if defined(__AVX512F__)

typedef __m512i cr_wide;
enum { CR_WIDE = 8 };

CR_FN cr_wide cr_wide_all(cr_u32 word) { return _mm512_set1_epi64(word); }
CR_FN cr_wide cr_wide_count(void) { return _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0); }
CR_FN cr_wide cr_wide_add(cr_wide a, cr_wide b) { return _mm512_add_epi64(a, b); }
CR_FN cr_wide cr_wide_product(cr_wide a, cr_wide b) { return _mm512_mul_epu32(a, b); }
CR_FN cr_wide cr_wide_high(cr_wide a) { return _mm512_srli_epi64(a, 32); }
CR_FN cr_wide cr_wide_xor(cr_wide a, cr_wide b, cr_wide c) {
  return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}
CR_FN void cr_wide_store_zipped(cr_u32 *out, cr_wide even, cr_wide odd) {
  _mm512_storeu_si512(out, _mm512_mask_mov_epi32(even, 0xaaaa, _mm512_slli_epi64(odd, 32)));
}

#elif defined(__AVX2__)

typedef __m256i cr_wide;
enum { CR_WIDE = 4 };

CR_FN cr_wide cr_wide_all(cr_u32 word) { return _mm256_set1_epi64x(word); }
CR_FN cr_wide cr_wide_count(void) { return _mm256_set_epi64x(3, 2, 1, 0); }
CR_FN cr_wide cr_wide_add(cr_wide a, cr_wide b) { return _mm256_add_epi64(a, b); }
CR_FN cr_wide cr_wide_product(cr_wide a, cr_wide b) { return _mm256_mul_epu32(a, b); }
CR_FN cr_wide cr_wide_high(cr_wide a) { return _mm256_srli_epi64(a, 32); }
CR_FN cr_wide cr_wide_xor(cr_wide a, cr_wide b, cr_wide c) {
  return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}
CR_FN void cr_wide_store_zipped(cr_u32 *out, cr_wide even, cr_wide odd) {
  __m256i zipped = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
  _mm256_storeu_si256((__m256i *)out, zipped);
}

#endif

#if defined(__AVX2__)

/* A register of even counters and one of odd ones are a strip. */
enum { CR_STRIP = 2 * CR_WIDE, CR_MOST_STRIPS = 2 };

/* The words of a few strips from the given block on, one round of all before the next round of
 * any: a round's steps wait for each other, and the other strips fill the wait. */
CR_FN void cr_strips_bits(cr_u32 *out, cr_i64 block, int strips, const cr_noise *d) {
  const cr_wide m0 = cr_wide_all(CR_PHILOX_M0), m1 = cr_wide_all(CR_PHILOX_M1);
  cr_wide c0[2 * CR_MOST_STRIPS], c1[2 * CR_MOST_STRIPS];
  cr_wide c2[2 * CR_MOST_STRIPS], c3[2 * CR_MOST_STRIPS];
#pragma GCC unroll 4
  for (int i = 0; i < 2 * strips; i++) {
    cr_i64 first = block + i / 2 * CR_STRIP;
    cr_wide twice = cr_wide_add(cr_wide_count(), cr_wide_count());
    c0[i] = cr_wide_add(cr_wide_all((cr_u32)first + (cr_u32)(i & 1)), twice);
    c1[i] = cr_wide_all(cr_noise_c1(d->attempt, first));
    c2[i] = cr_wide_all(d->step);
    c3[i] = cr_wide_all(d->sample);
  }
  cr_u32 k0 = d->k0, k1 = d->k1;
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
#pragma GCC unroll 4
    for (int i = 0; i < 2 * strips; i++) {
      cr_wide p0 = cr_wide_product(c0[i], m0);
      cr_wide p1 = cr_wide_product(c2[i], m1);
      c0[i] = cr_wide_xor(cr_wide_high(p1), c1[i], cr_wide_all(k0));
      c2[i] = cr_wide_xor(cr_wide_high(p0), c3[i], cr_wide_all(k1));
      c1[i] = p1;
      c3[i] = p0;
    }
    k0 += CR_PHILOX_W0;
    k1 += CR_PHILOX_W1;
  }
#pragma GCC unroll 2
  for (int i = 0; i < strips; i++) {
    cr_u32 *to = out + i * CR_STRIP / 16 * CR_TILE + i * CR_STRIP % 16;
    cr_wide_store_zipped(to, c0[2 * i], c0[2 * i + 1]);
    cr_wide_store_zipped(to + 16, c1[2 * i], c1[2 * i + 1]);
    cr_wide_store_zipped(to + 32, c2[2 * i], c2[2 * i + 1]);
    cr_wide_store_zipped(to + 48, c3[2 * i], c3[2 * i + 1]);
  }
}

#endif

/* ---- Tiles ---- */

/* The words of one tile or two (a literal 1 or 2), the first of which starts at element
 * 64 * tile. Two at once take two thirds of the time. */
CR_FN void cr_tiles_bits(cr_u32 *out, cr_i64 tile, int tiles, const cr_noise *d) {
  cr_i64 block = tile * 16;
#if defined(__AVX512F__)
  cr_strips_bits(out, block, tiles, d);
#elif defined(__AVX2__)
  /* With half the registers, one strip at a time is all that fits. */
  for (int i = 0; i < 16 * tiles; i += CR_STRIP) {
    cr_strips_bits(out + i / 16 * CR_TILE + i % 16, block + i, 1, d);
  }
#else
  for (int i = 0; i < 16 * tiles; i++) {
    cr_u32 w[4];
    cr_noise_words(d->k0, d->k1, d->step, d->sample, d->attempt, block + i, w);
    for (int k = 0; k < 4; k++) out[i / 16 * CR_TILE + 16 * k + i % 16] = w[k];
  }
#endif
}

/* The standard normals of one tile or two. */
CR_FN void cr_tiles_normal(float *CR_RESTRICT out, cr_i64 tile, int tiles, const cr_noise *d) {
  cr_u32 w[2 * CR_TILE] __attribute__((aligned(64)));
  cr_tiles_bits(w, tile, tiles, d);
  for (int pair = 0; pair < tiles * CR_TILE; pair += 32) {
    for (int i = pair; i < pair + 16; i++) cr_normal_pair(w[i], w[i + 16], &out[i], &out[i + 16]);
  }
}

/* ---- Ranges ---- */

/* The body of a fill: whole tiles in place, two at once where they last, the ends by scratch. */
#define CR_FILL(tiles_function, type)                                                      \
  const cr_noise d = {k0, k1, step, sample, 0};                                            \
  cr_i64 e = e0, end = e0 + n;                                                             \
  while (e < end) {                                                                        \
    cr_i64 tile = e / CR_TILE;                                                             \
    if (e % CR_TILE != 0 || end - e < CR_TILE) {                                           \
      type scratch[CR_TILE] __attribute__((aligned(64)));                                  \
      tiles_function(scratch, tile, 1, &d);                                                \
      cr_i64 stop = (tile + 1) * CR_TILE < end ? (tile + 1) * CR_TILE : end;               \
      for (; e < stop; e++) out[e - e0] = scratch[e % CR_TILE];                            \
    } else if (end - e < 2 * CR_TILE) {                                                    \
      tiles_function(out + (e - e0), tile, 1, &d);                                         \
      e += CR_TILE;                                                                        \
    } else {                                                                               \
      tiles_function(out + (e - e0), tile, 2, &d);                                         \
      e += 2 * CR_TILE;                                                                    \
    }                                                                                      \
  }

/* The random bits of the elements from e0 >= 0 on, n of them, at their first attempt. */
static inline void cr_fill_bits(cr_u32 *CR_RESTRICT out, cr_i64 e0, cr_i64 n, cr_u32 k0, cr_u32 k1,
                                cr_u32 step, cr_u32 sample) {
  CR_FILL(cr_tiles_bits, cr_u32)
}

/* The standard normals of the elements from e0 >= 0 on, n of them, at their first attempt. */
static inline void cr_fill_normal(float *CR_RESTRICT out, cr_i64 e0, cr_i64 n, cr_u32 k0, cr_u32 k1,
                                  cr_u32 step, cr_u32 sample) {
  CR_FILL(cr_tiles_normal, float)
}

#endif
