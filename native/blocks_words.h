// The words of a loop's body as passes over registers; included by blocks.c alone.
//
// Truth values lie in registers as int32 0 or 1: one width for all kinds keeps every pass a plain
// vector loop. Integers wrap around, hence the unsigned arithmetic.
//
// A name ends in the kinds of its operands: v a register of a block, s one value for the block.

#define WORD1(name, D, A, expression)                                  \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {         \
    D *d = f->r[s->d];                                                 \
    const A *a = f->r[s->a];                                           \
    PASS(n) {                                                          \
      A x = a[i];                                                      \
      d[i] = (D)(expression);                                          \
    }                                                                  \
  }

#define WORD2(name, D, A, expression)                                  \
  static void name##_vv(const cr_step *s, cr_frame *f, int64_t n) {    \
    D *d = f->r[s->d];                                                 \
    const A *a = f->r[s->a], *b = f->r[s->b];                          \
    PASS(n) {                                                          \
      A x = a[i], y = b[i];                                            \
      d[i] = (D)(expression);                                          \
    }                                                                  \
  }                                                                    \
  static void name##_vs(const cr_step *s, cr_frame *f, int64_t n) {    \
    D *d = f->r[s->d];                                                 \
    const A *a = f->r[s->a];                                           \
    const A y = *(const A *)f->r[s->b];                                \
    PASS(n) {                                                          \
      A x = a[i];                                                      \
      d[i] = (D)(expression);                                          \
    }                                                                  \
  }                                                                    \
  static void name##_sv(const cr_step *s, cr_frame *f, int64_t n) {    \
    D *d = f->r[s->d];                                                 \
    const A x = *(const A *)f->r[s->a];                                \
    const A *b = f->r[s->b];                                           \
    PASS(n) {                                                          \
      A y = b[i];                                                      \
      d[i] = (D)(expression);                                          \
    }                                                                  \
  }

WORD1(neg_f, f32, f32, -x)
WORD1(abs_f, f32, f32, cr_abs(x))
WORD1(sign_f, f32, f32, x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x)
WORD1(exp_f, f32, f32, cr_exp(x))
WORD1(expm1_f, f32, f32, cr_expm1(x))
WORD1(log_f, f32, f32, cr_log(x))
WORD1(log1p_f, f32, f32, cr_log1p(x))
WORD1(sqrt_f, f32, f32, cr_sqrt(x))
WORD1(rsqrt_f, f32, f32, cr_rsqrt(x))
WORD1(sin_f, f32, f32, cr_sin(x))
WORD1(cos_f, f32, f32, cr_cos(x))
WORD1(tanh_f, f32, f32, cr_tanh(x))
WORD1(sigmoid_f, f32, f32, cr_sigmoid(x))
WORD1(softplus_f, f32, f32, cr_softplus(x))
WORD1(erf_f, f32, f32, cr_erf(x))
WORD1(floor_f, f32, f32, cr_floor(x))
WORD1(neg_i, i32, u32, 0u - x)
WORD1(abs_i, i32, u32, (i32)x < 0 ? 0u - x : x)
WORD1(sign_i, i32, i32, (x > 0) - (x < 0))
WORD1(not_i, i32, i32, ~x)
WORD1(not_b, i32, i32, x ^ 1)
WORD1(f_to_i, i32, f32, cr_f32_to_i32(x))
WORD1(i_to_f, f32, i32, cr_i32_to_f32(x))
WORD1(f_to_b, i32, f32, x != 0.0f)
WORD1(i_to_b, i32, i32, x != 0)

WORD2(add_f, f32, f32, x + y)
WORD2(sub_f, f32, f32, x - y)
WORD2(mul_f, f32, f32, x *y)
WORD2(div_f, f32, f32, x / y)
WORD2(pow_f, f32, f32, cr_pow(x, y))
WORD2(min_f, f32, f32, cr_min(x, y))
WORD2(max_f, f32, f32, cr_max(x, y))
WORD2(lt_f, i32, f32, x < y)
WORD2(le_f, i32, f32, x <= y)
WORD2(eq_f, i32, f32, x == y)
WORD2(ne_f, i32, f32, x != y)
WORD2(add_i, i32, u32, x + y)
WORD2(sub_i, i32, u32, x - y)
WORD2(mul_i, i32, u32, x *y)
// C leaves the division by 0 undefined, and that of the smallest integer by -1.
WORD2(div_i, i32, i32, y == 0 ? 0 : y == -1 ? (i32)(0u - (u32)x) : x / y)
WORD2(min_i, i32, i32, x < y ? x : y)
WORD2(max_i, i32, i32, x > y ? x : y)
WORD2(lt_i, i32, i32, x < y)
WORD2(le_i, i32, i32, x <= y)
WORD2(eq_i, i32, i32, x == y)
WORD2(ne_i, i32, i32, x != y)
WORD2(and_i, i32, i32, x &y)
WORD2(or_i, i32, i32, x | y)
WORD2(shr_i, i32, u32, x >> (y & 31u))
WORD2(ult_i, i32, u32, x < y)

// Selects move bits, whatever they mean.
#define SELECT(name, YES, NO)                                          \
  static void name(const cr_step *s, cr_frame *f, int64_t n) {         \
    i32 *d = f->r[s->d];                                               \
    const i32 *when = f->r[s->a], *yes = f->r[s->b], *no = f->r[s->c]; \
    const i32 one_yes = *yes, one_no = *no;                            \
    (void)one_yes, (void)one_no;                                       \
    PASS(n) {                                                          \
      i32 x = YES, y = NO;                                             \
      d[i] = when[i] != 0 ? x : y;                                     \
    }                                                                  \
  }

SELECT(select_vv, yes[i], no[i])
SELECT(select_vs, yes[i], one_no)
SELECT(select_sv, one_yes, no[i])
SELECT(select_ss, one_yes, one_no)

// The product that starts a chain, for a fold of one value.
static void chain_one(const cr_step *s, cr_frame *f, int64_t n) {
  f32 *d = f->r[s->d];
  const f32 *a = f->r[s->a], *b = f->r[s->b];
  PASS(n) d[i] = cr_fma(a[i], b[i], 0.0f);
}

// Quotient and remainder by a constant, rounded down. The half makes the product with the inverse
// miss every whole number by far more than it can be rounded: x < 2^31, so this is exact.
static inline i32 floor_quotient(i32 x, double inverse) {
  double q = ((double)x + 0.5) * inverse;
  i32 whole = (i32)q;
  return whole - (q < (double)whole);
}

static void quotient(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  const i32 *a = f->r[s->a];
  const double inverse = 1.0 / (double)s->c;
  PASS(n) d[i] = floor_quotient(a[i], inverse);
}

static void remainder_of(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  const i32 *a = f->r[s->a];
  const u32 by = (u32)s->c;
  const double inverse = 1.0 / (double)s->c;
  PASS(n) d[i] = (i32)((u32)a[i] - by * (u32)floor_quotient(a[i], inverse));
}

// Whether b <= a < b + c, b and c being numbers rather than registers.
static void within(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  const u32 *a = f->r[s->a];
  const u32 low = (u32)s->b, extent = (u32)s->c;
  PASS(n) d[i] = a[i] - low < extent;
}

// One value for all of a block.
static void splat(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  const i32 one = *(const i32 *)f->r[s->a];
  PASS(n) d[i] = one;
}

// Values of the kept elements for a narrow block: each repeated along its row.
static void spread(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  const i32 *a = f->r[s->a];
  int64_t row = f->inner_count;
  for (int64_t r = 0; r < n; r++, d += row) {
    i32 one = a[r];
    // It runs over into the next row, whose turn comes.
    PASS(row) d[i] = one;
  }
}

// Values of the kept elements for a wide block: all of them once for each inner element.
static void repeat(const cr_step *s, cr_frame *f, int64_t n) {
  i32 *d = f->r[s->d];
  const i32 *a = f->r[s->a];
  for (int64_t r = 0; r < f->inner_count; r++, d += n) {
    PASS(n) d[i] = a[i];
  }
}

#define PAIR2(W, name) W(name##_vv) W(name##_vs) W(name##_sv)
#define ALL_WORDS(W)                                                                          \
  W(neg_f) W(abs_f) W(sign_f) W(exp_f) W(expm1_f) W(log_f) W(log1p_f) W(sqrt_f) W(rsqrt_f)    \
  W(sin_f) W(cos_f) W(tanh_f) W(sigmoid_f) W(softplus_f) W(erf_f) W(floor_f) W(neg_i)         \
  W(abs_i) W(sign_i) W(not_i) W(not_b) W(f_to_i) W(i_to_f) W(f_to_b) W(i_to_b)                \
  PAIR2(W, add_f) PAIR2(W, sub_f) PAIR2(W, mul_f) PAIR2(W, div_f) PAIR2(W, pow_f)             \
  PAIR2(W, min_f) PAIR2(W, max_f) PAIR2(W, lt_f) PAIR2(W, le_f) PAIR2(W, eq_f) PAIR2(W, ne_f) \
  PAIR2(W, add_i) PAIR2(W, sub_i) PAIR2(W, mul_i) PAIR2(W, div_i) PAIR2(W, min_i)             \
  PAIR2(W, max_i) PAIR2(W, lt_i) PAIR2(W, le_i) PAIR2(W, eq_i) PAIR2(W, ne_i)                 \
  PAIR2(W, and_i) PAIR2(W, or_i) PAIR2(W, shr_i) PAIR2(W, ult_i)                              \
  W(select_vv) W(select_vs) W(select_sv) W(select_ss) W(chain_one) W(quotient)                \
  W(remainder_of) W(within)
#define ALL_SPREADS(W) W(splat) W(spread) W(repeat)
