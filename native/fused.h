// What the fused bodies of fused.c are written with.
//
// A body is all the arithmetic of a phase as one pass: what the words of blocks_words.h do one
// after the other, each over a whole block, is done here for a tile at a time. Where the arrays
// lie, how they are walked and what becomes of the results is left to the steps around it, so that
// one body serves every size and layout.
#ifndef CR_FUSED_H
#define CR_FUSED_H

#include "blocks_passes.h"

// Small enough that arithmetic and memory traffic go on side by side.
enum { FUSED_TILE = 8 * CR_TILE };

// How far ahead arrays are asked for.
enum { FUSED_AHEAD = 1024 };

#define FUSED_ROOM(T, name) T name[FUSED_TILE] __attribute__((aligned(64)))

// Values of the next tile: up to where the draw, if there is one, begins a tile of its own, if
// whole groups of 16 lead there.
static inline int64_t fused_tile(const struct drawing *o, int64_t left) {
  int64_t ahead = o == 0 ? 0 : (o->element + o->at.offset) & (CR_TILE - 1);
  int64_t tile = ahead % 16 == 0 ? FUSED_TILE - ahead : FUSED_TILE;
  return left < tile ? left : tile;
}

// Asks for what the tiles after this one will read of an array, if the block is a full one. Beyond
// its end that does nothing. Were it a function for long, the compiler would drop its calls, since
// it computes nothing.
CR_INLINE void fused_ahead(const void *p, int64_t n) {
  if (n < FUSED_AHEAD) return;
  for (int64_t i = 0; i < 4 * FUSED_TILE; i += 64)
    __builtin_prefetch((const char *)p + 4 * FUSED_AHEAD + i);
}

#endif
