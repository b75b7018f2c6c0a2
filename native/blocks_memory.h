// Passes between memory and registers; included by blocks.c alone.

// m values of 4 bytes from every stride-th place, none read but these; it writes whole groups of 16.
#ifdef __AVX512F__
static inline void load_strided(i32 *d, const i32 *p, int64_t stride, int64_t m) {
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i at = _mm512_mullo_epi32(lane, _mm512_set1_epi32((i32)stride));
  for (int64_t j = 0; j < m; j += 16, p += 16 * stride) {
    __mmask16 mask = (__mmask16)(m - j >= 16 ? 0xffff : (1u << (m - j)) - 1);
    __m512i x = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), mask, at, p, 4);
    _mm512_storeu_si512(d + j, x);
  }
}
#else
static inline void load_strided(i32 *d, const i32 *p, int64_t stride, int64_t m) {
  RUN(m) d[j] = p[j * stride];
}
#endif

// Contiguous values of 4 bytes are used where they lie.
static void load_in_place(const cr_step *s, cr_frame *f, int64_t n) {
  (void)n;
  const struct cr_where *w = s->more;
  f->r[s->d] = w->memory + 4 * seek(w, f).offset;
}

static inline void load_strided_1(i32 *d, const uint8_t *p, int64_t stride, int64_t m) {
  RUN(m) d[j] = p[j * stride];
}

#define LOAD(name, M, strided)                                 \
  static void name(const cr_step *s, cr_frame *f, int64_t n) { \
    i32 *d = f->r[s->d];                                       \
    RUNS(s->more) {                                            \
      const M *p = (const M *)w->memory + c.offset;            \
      if (stride == 1) {                                       \
        RUN_OVER(m) d[i + j] = p[j];                           \
      } else if (stride == 0) {                                \
        const i32 one = *p;                                    \
        RUN_OVER(m) d[i + j] = one;                            \
      } else {                                                 \
        strided(d + i, p, stride, m);                          \
      }                                                        \
    }                                                          \
  }

LOAD(load_4, i32, load_strided)
LOAD(load_1, uint8_t, load_strided_1)

// Of the j in [*from, *to), leaves those with low <= v + by * j < high.
static inline void narrow_down(int64_t v, int64_t by, const struct cr_bound *b, int64_t *from,
                               int64_t *to) {
  int64_t first = 0, end = *to;
  if (by == 0) {
    end = b->low <= v && v < b->high ? end : 0;
  } else if (by == 1) {
    first = b->low - v;
    end = b->high - v;
  } else if (by > 0) {
    first = v >= b->low ? 0 : (b->low - v + by - 1) / by;
    end = v >= b->high ? 0 : (b->high - v + by - 1) / by;
  } else {
    first = v < b->high ? 0 : (v - b->high) / -by + 1;
    end = v < b->low ? 0 : (v - b->low) / -by + 1;
  }
  *from = first > *from ? first : *from;
  *to = end < *to ? end : *to;
}

// Padding and the like: of each run the part is loaded where the bounds hold, the rest is 0.
static void load_guarded(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_guarded *g = s->more;
  i32 *d = f->r[s->d];
  int64_t far[CR_MOST_AXES];
  struct cursor at_far = {0};
  seek_axes(&at_far, g->where->axes, g->where->far, f->at[g->where->far_at], far);
  RUNS(g->where) {
    int64_t from = 0, to = m;
    for (int64_t k = 0; k < g->count; k++) {
      const struct cr_bound *b = &g->bound[k];
      int64_t v = b->base;
      for (int32_t axis = 0; axis < w->far; axis++) v += far[axis] * b->stride[axis];
      const int64_t *near = b->stride + w->far;
      for (int32_t axis = 0; axis < c.count; axis++) v += c.coordinate[axis] * near[axis];
      narrow_down(v, near[c.count - 1], b, &from, &to);
    }
    if (from >= to) {
      RUN_OVER(m) d[i + j] = 0;
      continue;
    }
    RUN_OVER(from) d[i + j] = 0;
    const i32 *p = (const i32 *)w->memory + c.offset + from * stride;
    i32 *to_d = d + i + from;
    if (stride == 1) {
      RUN_OVER(to - from) to_d[j] = p[j];
    } else {
      load_strided(to_d, p, stride, to - from);
    }
    RUN_OVER(m - to) d[i + to + j] = 0;
  }
}

// Values at a table of offsets.
#ifdef __AVX512F__
CR_INLINE __m512i sixteen_4(const i32 *p) { return _mm512_loadu_si512(p); }
CR_INLINE __m512i sixteen_1(const uint8_t *p) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
}

// A pattern's neighbours lie close: all within 32 values of the first of them are picked from two
// vectors, then those that are left from two more. What jumps about is read one by one.
enum { PICKS = 3 };
#define PICK(unit, M)                                                                         \
  static inline void pick_##unit(i32 *d, const M *p, const i32 *at, int64_t m) {              \
    for (int64_t j = 0; j < m; j += 16) {                                                     \
      const __mmask16 all = (__mmask16)(m - j >= 16 ? 0xffff : (1u << (m - j)) - 1);          \
      const __m512i offset = _mm512_maskz_loadu_epi32(all, at + j);                           \
      __m512i x = _mm512_setzero_si512();                                                     \
      __mmask16 left = all;                                                                   \
      for (int turn = 0; left != 0 && turn < PICKS; turn++) {                                 \
        const i32 first = at[j + __builtin_ctz(left)];                                        \
        const __m512i place = _mm512_sub_epi32(offset, _mm512_set1_epi32(first));             \
        const __mmask16 near =                                                                \
            _mm512_mask_cmplt_epu32_mask(left, place, _mm512_set1_epi32(32));                 \
        const __m512i low = sixteen_##unit(p + first), high = sixteen_##unit(p + first + 16); \
        x = _mm512_mask_mov_epi32(x, near, _mm512_permutex2var_epi32(low, place, high));      \
        left &= (__mmask16)~near;                                                             \
      }                                                                                       \
      _mm512_mask_storeu_epi32(d + j, all, x);                                                \
      for (; left != 0; left &= (__mmask16)(left - 1)) {                                      \
        const int64_t l = j + __builtin_ctz(left);                                            \
        d[l] = p[at[l]];                                                                      \
      }                                                                                       \
    }                                                                                         \
  }
#else
#define PICK(unit, M)                                                            \
  static inline void pick_##unit(i32 *d, const M *p, const i32 *at, int64_t m) { \
    RUN(m) d[j] = p[at[j]];                                                      \
  }
#endif

PICK(4, i32)
PICK(1, uint8_t)

// By tables of offsets.
#define LOAD_BY(name, M, pick)                                   \
  static void name(const cr_step *s, cr_frame *f, int64_t n) { \
    const struct cr_pattern *pattern = s->more;                \
    i32 *d = f->r[s->d];                                       \
    RUNS(&pattern->where) {                                    \
      const M *p = (const M *)w->memory + c.offset;            \
      pick(d + i, p, pattern->table + c.coordinate[c.count - 1], m); \
    }                                                          \
    (void)stride;                                              \
  }

LOAD_BY(load_4_by, i32, pick_4)
LOAD_BY(load_1_by, uint8_t, pick_1)

#define STORE(name, M)                                         \
  static void name(const cr_step *s, cr_frame *f, int64_t n) { \
    const i32 *a = f->r[s->a];                                 \
    RUNS(s->more) {                                            \
      M *p = (M *)w->memory + c.offset;                        \
      if (stride == 1) {                                       \
        RUN(m) p[j] = (M)a[i + j];                             \
      } else {                                                 \
        RUN(m) p[j * stride] = (M)a[i + j];                    \
      }                                                        \
    }                                                          \
  }

STORE(store_4, i32)
STORE(store_1, uint8_t)

// Lets the step that computes a value write it straight to contiguous memory: register d leads
// there, or to its own room a where the pass would write past the end; land then copies.
static void aim(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_where *w = s->more;
  f->r[s->d] = n % 16 == 0 ? w->memory + 4 * seek(w, f).offset : f->r[s->a];
}

static void land(const cr_step *s, cr_frame *f, int64_t n) {
  if (n % 16 == 0) return;
  const struct cr_where *w = s->more;
  memcpy(w->memory + 4 * seek(w, f).offset, f->r[s->a], 4 * (size_t)n);
}

// What a unit folded, when inner elements are split among units by c.
static void store_split(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_where *w = s->more;
  int64_t unit = (f->at[CR_AT_INNER] - 1) / s->c;
  memcpy(w->memory + 4 * unit * n, f->r[s->a], 4 * (size_t)n);
}

// A long array that nobody reads soon goes past the caches, which spares reading it first.
static void stream(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_where *w = s->more;
  char *to = w->memory + 4 * seek(w, f).offset;
  const char *from = f->r[s->a];
  if (((uintptr_t)to & 63) != 0 || n % 16 != 0) {
    memcpy(to, from, 4 * (size_t)n);
    return;
  }
  for (int64_t i = 0; i < 4 * n; i += 64) {
#ifdef __AVX512F__
    _mm512_stream_si512((void *)(to + i), _mm512_loadu_si512(from + i));
#else
    _mm256_stream_si256((void *)(to + i), _mm256_loadu_si256((const void *)(from + i)));
    _mm256_stream_si256((void *)(to + i + 32), _mm256_loadu_si256((const void *)(from + i + 32)));
#endif
  }
}

// What streams wrote comes before whatever tells other threads that it is there.
static void fence(const cr_step *s, cr_frame *f, int64_t n) {
  (void)s, (void)f, (void)n;
  _mm_sfence();
}

// The position itself.
static void position(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  RUNS(s->more) {
    const u32 first = (u32)c.offset, by = (u32)stride;
    RUN_OVER(m) d[i + j] = (i32)(first + by * (u32)j);
  }
}

static void position_by(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_pattern *pattern = s->more;
  i32 *d = f->r[s->d];
  RUNS(&pattern->where) {
    const i32 *at = pattern->table + c.coordinate[c.count - 1], first = (i32)c.offset;
    RUN(m) d[i + j] = first + at[j];
  }
  (void)stride;
}

// Loads at computed positions b, where c is not 0 if there is such a register; else 0.
#define GATHER(name, M)                                             \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {      \
    i32 *d = f->r[s->d];                                            \
    const M *p = (const M *)((const struct cr_where *)s->more)->memory; \
    const i32 *at = f->r[s->b];                                     \
    RUN(n) d[j] = p[at[j]];                                         \
  }                                                                 \
  static void name##_if(const cr_step *s, cr_frame *f, int64_t n) { \
    i32 *d = f->r[s->d];                                            \
    const M *p = (const M *)((const struct cr_where *)s->more)->memory; \
    const i32 *at = f->r[s->b], *when = f->r[s->c];                 \
    /* Element 0 can always be read: a device's memory is never empty. */ \
    RUN(n) {                                                        \
      i32 x = p[when[j] != 0 ? at[j] : 0];                          \
      d[j] = when[j] != 0 ? x : 0;                                  \
    }                                                               \
  }

GATHER(gather_4, i32)
GATHER(gather_1, uint8_t)

#define SCATTER(name, M)                                            \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {      \
    M *p = (M *)((const struct cr_where *)s->more)->memory;         \
    const i32 *a = f->r[s->a], *at = f->r[s->b];                    \
    for (int64_t j = 0; j < n; j++) p[at[j]] = (M)a[j];             \
  }

SCATTER(scatter_4, i32)
SCATTER(scatter_1, uint8_t)

// Checks indices against [0, c); one outside raises the fault word b and counts as 0.
static void check(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  const i32 *a = f->r[s->a];
  const u32 bound = (u32)s->c;
  i32 wrong = 0;
  RUN(n) {
    i32 x = a[j];
    wrong |= (u32)x >= bound;
    d[j] = (u32)x < bound ? x : 0;
  }
  if (wrong) __atomic_store_n((i32 *)f->r[s->b], 1, __ATOMIC_RELAXED);
}

// Draws; register c leads to the parameter block.
#define DRAW(name, M, each)                                                                 \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {                              \
    struct drawing o = drawing(s->more, f->r[s->c], f);                                     \
    name##_next(&o, f->r[s->d], n);                                                         \
  }                                                                                         \
  /* At computed elements a and samples b. */                                               \
  static void name##_at(const cr_step *s, cr_frame *f, int64_t n) {                         \
    const struct drawing o = drawing(s->more, f->r[s->c], f);                               \
    M *d = f->r[s->d];                                                                      \
    const i32 *element = f->r[s->a], *sample = f->r[s->b];                                  \
    for (int64_t j = 0; j < n; j++)                                                         \
      d[j] = each(o.k0, o.k1, o.step, o.sample + (u32)sample[j], 0, o.element + element[j]); \
  }

DRAW(bits, u32, cr_noise_bits)
DRAW(normal, f32, cr_noise_normal)

#define ALL_MEMORY(W)                                                                         \
  W(load_in_place) W(load_4) W(load_1) W(load_guarded) W(load_4_by) W(load_1_by) W(store_4) W(store_1) W(aim) W(land) W(store_split) W(stream) W(fence)         \
  W(position) W(position_by) W(gather_4) W(gather_1) W(gather_4_if) W(gather_1_if) W(scatter_4) W(scatter_1) \
  W(check) W(bits) W(bits_at) W(normal) W(normal_at)
