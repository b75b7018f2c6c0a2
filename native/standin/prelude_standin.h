/*
 * Prelude of the common dialect for the stand-in: CUDA C as plain C. The functions are those of
 * prelude_c.h; kernels keep CUDA's shape, one call for each work item.
 */
#include "prelude_c.h"

#undef CR_PLAIN_C
#undef CR_LOCAL
#define CR_LOCAL static

/* The stand-in's NVRTC finds kernels by this. */
#undef CR_KERNEL
#define CR_KERNEL __attribute__((visibility("default")))

#define CR_ARRAY(type, name) type *name
#define CR_START(name) name

/* Where the grid has come to; the driver writes these before each call. */
long long standin_group;
long long standin_item_of_group;
long long standin_group_size;

/* Whether the kernel waits at barriers, and how it does. */
int standin_waits;
void (*standin_barrier)(void);

#define CR_ITEM ((cr_i64)(standin_group * standin_group_size + standin_item_of_group))

/* In a kernel that says what is done for all lanes, the first item of a group does it all, and the
 * others find nothing to do. */
#define CR_GROUP \
  (standin_waits || standin_item_of_group == 0 ? (cr_i64)standin_group : (cr_i64)1 << 62)

#define CR_LANE ((cr_i32)standin_item_of_group)
#define CR_BARRIER standin_barrier()
#define CR_UNROLL
#define CR_ALIGNED16 _Alignas(16)

/* What another work item of the warp has, as bits; the driver waits for all 32. */
unsigned (*standin_exchange)(unsigned mine, long long from);

static float standin_exchange_float(float x, cr_i32 from) {
  return cr_float_of(standin_exchange(cr_bits_of(x), from));
}
static cr_i32 standin_exchange_int(cr_i32 x, cr_i32 from) {
  return (cr_i32)standin_exchange((cr_u32)x, from);
}
#define CR_EXCHANGE(x, from) \
  _Generic((x), float: standin_exchange_float, default: standin_exchange_int)(x, from)
#define CR_SHUFFLE_DOWN(x, span) \
  CR_EXCHANGE(x, CR_LANE % 32 + (span) < 32 ? CR_LANE + (span) : CR_LANE)
#define CR_SHUFFLE(x, lane) CR_EXCHANGE(x, CR_LANE / 32 * 32 + (lane))

/* An address that is no multiple of 16 ends the process, as it would end the context. */
#define CR_ALIGNED(p) (((cr_u64)(p) & 15u) == 0u ? 16u : (__builtin_trap(), 0u))
#define CR_LOAD4(from, to) __builtin_memcpy(to, from, CR_ALIGNED(from))
#define CR_STORE4(to, from) __builtin_memcpy(to, from, CR_ALIGNED(to))
#define CR_STORE4_LOCAL(to, from) CR_STORE4(to, from)
