/*
 * Random draws of the common dialect; include it after a prelude and math.h.
 *
 * A draw is a pure function of (key, step, sample, attempt, element): nothing is stored, any part
 * can be drawn alone, in any order, on any device, and gives the same bits.
 *
 * The generator is Philox4x32-10 (J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: "Parallel
 * Random Numbers: As Easy as 1, 2, 3", SC 2011). Element e takes word k = (e >> 4) & 3 of block
 * b = (e >> 6) * 16 + (e & 15): 16 neighbouring blocks fill 64 neighbouring elements, word by
 * word, so that 16 lanes store contiguously. The block's counter is
 *
 *   c0 = low 32 bits of b           c1 = attempt << 24 | bits 32..55 of b
 *   c2 = step                       c3 = sample
 */
#ifndef CR_PHILOX_H
#define CR_PHILOX_H

#define CR_PHILOX_M0 0xd2511f53u
#define CR_PHILOX_M1 0xcd9e8d57u
#define CR_PHILOX_W0 0x9e3779b9u
#define CR_PHILOX_W1 0xbb67ae85u

/* Third counter word of key derivation ("CRED"): it keeps keys apart from a step's draws. */
#define CR_KEY_TAG 0x43524544u

/* The four words of the block with this counter and key. */
CR_FN void cr_philox(cr_u32 c0, cr_u32 c1, cr_u32 c2, cr_u32 c3, cr_u32 k0, cr_u32 k1,
                     cr_u32 *out) {
  CR_UNROLL for (cr_i32 round = 0; round < 10; round++) {
    cr_u32 hi0, lo0, hi1, lo1;
    cr_mul_hi_lo(CR_PHILOX_M0, c0, &hi0, &lo0);
    cr_mul_hi_lo(CR_PHILOX_M1, c2, &hi1, &lo1);
    c0 = hi1 ^ c1 ^ k0;
    c1 = lo1;
    c2 = hi0 ^ c3 ^ k1;
    c3 = lo0;
    k0 += CR_PHILOX_W0;
    k1 += CR_PHILOX_W1;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/* The key of a stream, k0 in the low half. */
CR_FN cr_u64 cr_derive_key(cr_u64 seed, cr_u64 stream) {
  cr_u32 out[4];
  cr_philox((cr_u32)stream, (cr_u32)(stream >> 32), CR_KEY_TAG, 0u, (cr_u32)seed,
            (cr_u32)(seed >> 32), out);
  return (cr_u64)out[1] << 32 | out[0];
}

CR_FN cr_i64 cr_noise_block(cr_i64 e) { return (e >> 6) * 16 + (e & 15); }
CR_FN cr_u32 cr_noise_word(cr_i64 e) { return (cr_u32)(e >> 4) & 3u; }

/* The counter's second word. */
CR_FN cr_u32 cr_noise_c1(cr_u32 attempt, cr_i64 block) {
  return attempt << 24 | ((cr_u32)(block >> 32) & 0xffffffu);
}

/* The four words of a block, for whoever uses them all: elements e, e + 16, e + 32, e + 48. */
CR_FN void cr_noise_words(cr_u32 k0, cr_u32 k1, cr_u32 step, cr_u32 sample, cr_u32 attempt,
                          cr_i64 block, cr_u32 *out) {
  cr_philox((cr_u32)block, cr_noise_c1(attempt, block), step, sample, k0, k1, out);
}

/* Element e's 32 random bits. */
CR_FN cr_u32 cr_noise_bits(cr_u32 k0, cr_u32 k1, cr_u32 step, cr_u32 sample, cr_u32 attempt,
                           cr_i64 e) {
  cr_u32 w[4];
  cr_noise_words(k0, k1, step, sample, attempt, cr_noise_block(e), w);
  cr_u32 k = cr_noise_word(e);
  cr_u32 low = (k & 1u) != 0u ? w[1] : w[0];
  cr_u32 high = (k & 1u) != 0u ? w[3] : w[2];
  return (k & 2u) != 0u ? high : low;
}

/* A word as a uniform number in [0, 1), a multiple of 2^-24. */
CR_FN float cr_uniform_of(cr_u32 w) { return cr_i32_to_f32((cr_i32)(w >> 8)) * 0x1p-24f; }

CR_FN float cr_noise_uniform(cr_u32 k0, cr_u32 k1, cr_u32 step, cr_u32 sample, cr_u32 attempt,
                             cr_i64 e) {
  return cr_uniform_of(cr_noise_bits(k0, k1, step, sample, attempt, e));
}

/* ---- Normals, by Box and Muller: radius from the even word, angle from the odd one ---- */

/* sqrt(-2 log u) for u = (w + 1/2) / 2^32: within [2^-33, 1], so log needs none of its edges and
 * the radius ends at 6.76. */
CR_FN float cr_normal_radius(cr_u32 even) {
  float u = cr_fma(cr_u32_to_f32(even), 0x1p-32f, 0x1p-33f);
  return cr_sqrt(-2.0f * cr_log_normal(u));
}

/* The angle 2 pi w / 2^32 is split exactly, as integers: the nearest quarter turn, and what is
 * left of it as a signed fraction of 2^32 quarter turns. */
CR_FN cr_u32 cr_normal_quarter(cr_u32 odd) { return (odd + 0x20000000u) >> 30; }
CR_FN float cr_normal_rest(cr_u32 odd) {
  return cr_i32_to_f32((cr_i32)(odd << 2)) * 0x1.921fb6p-32f;
}

/* The two normals of an even and an odd word: radius times cosine, radius times sine. */
CR_FN void cr_normal_pair(cr_u32 even, cr_u32 odd, float *of_even, float *of_odd) {
  float radius = cr_normal_radius(even);
  float rest = cr_normal_rest(odd);
  cr_u32 quarter = cr_normal_quarter(odd);
  *of_even = radius * cr_sin_quarters(rest, quarter + 1u);
  *of_odd = radius * cr_sin_quarters(rest, quarter);
}

/* Element e's standard normal: words (0, 1) make one pair, words (2, 3) the other. */
CR_FN float cr_noise_normal(cr_u32 k0, cr_u32 k1, cr_u32 step, cr_u32 sample, cr_u32 attempt,
                            cr_i64 e) {
  cr_u32 w[4];
  cr_noise_words(k0, k1, step, sample, attempt, cr_noise_block(e), w);
  cr_u32 k = cr_noise_word(e);
  float of_even, of_odd;
  cr_normal_pair((k & 2u) != 0u ? w[2] : w[0], (k & 2u) != 0u ? w[3] : w[1], &of_even, &of_odd);
  return (k & 1u) != 0u ? of_odd : of_even;
}

#endif
