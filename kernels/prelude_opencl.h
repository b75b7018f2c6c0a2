/*
 * Prelude of the common dialect: OpenCL C 1.2. See prelude_c.h for what each word promises.
 *
 * Build with -cl-fp32-correctly-rounded-divide-sqrt, without any -cl-*-math relaxation, and with
 * -DCR_VECTOR=n, the floats in a vector register; before each kernel CR_GROUP_SIZE says how many
 * work items are in a group. The device must have exact fma (CL_FP_FMA) and subnormals
 * (CL_FP_DENORM) in single precision.
 */
#ifndef CR_PRELUDE
#define CR_PRELUDE

#pragma OPENCL FP_CONTRACT OFF

typedef uint cr_u32;
typedef int cr_i32;
typedef ulong cr_u64;
typedef long cr_i64;

#define CR_FN static inline
#define CR_KERNEL __kernel __attribute__((reqd_work_group_size(CR_GROUP_SIZE, 1, 1)))
#define CR_GLOBAL __global
#define CR_LOCAL __local
#define CR_CONST const
#define CR_RESTRICT restrict

#define CR_INF INFINITY
#define CR_NAN as_float(0x7fc00000u)

CR_FN float cr_fma(float a, float b, float c) { return fma(a, b, c); }
CR_FN float cr_sqrt(float x) { return sqrt(x); }
CR_FN float cr_floor(float x) { return floor(x); }
CR_FN cr_u32 cr_bits_of(float x) { return as_uint(x); }
CR_FN float cr_float_of(cr_u32 bits) { return as_float(bits); }
CR_FN float cr_u32_to_f32(cr_u32 i) { return convert_float_rte(i); }
CR_FN float cr_i32_to_f32(cr_i32 i) { return convert_float_rte(i); }

/* The standard only recommends that NaN becomes 0, so it is said here. */
CR_FN cr_i32 cr_f32_to_i32(float x) { return x == x ? convert_int_sat_rtz(x) : 0; }

/* As a 64-bit product, which compilers for processors make vectors of; mul_hi(a, b) they do not. */
CR_FN void cr_mul_hi_lo(cr_u32 a, cr_u32 b, cr_u32 *hi, cr_u32 *lo) {
  *hi = (cr_u32)(((cr_u64)a * b) >> 32);
  *lo = a * b;
}

/* ---- For generated loops ---- */

/* The word of the parameter block that an index fault raises. */
#define CR_FAULT 3

/* An array as a kernel takes it, and where its first element is: a buffer and a place in it, since
 * the host cannot point into a buffer at any element it likes. */
#define CR_ARRAY(type, name) __global type *name, const cr_u64 name##_start
#define CR_START(name) (name + name##_start)

#define CR_SHARED __local
#define CR_ITEM ((cr_i64)get_global_id(0))
#define CR_GROUP ((cr_i64)get_group_id(0))

/* A device whose groups are smaller than 256 work items lets each stand for several lanes. */
#define CR_FOR_LANES(l) \
  for (cr_i32 l = (cr_i32)get_local_id(0); l < 256; l += CR_GROUP_SIZE) {
#define CR_END_LANES } barrier(CLK_LOCAL_MEM_FENCE);

/* ---- For hand-written kernels of whole groups ---- */

#define CR_LANE ((cr_i32)get_local_id(0))
#define CR_BARRIER barrier(CLK_LOCAL_MEM_FENCE)
#define CR_ALIGNED16 __attribute__((aligned(16)))
#define CR_UNROLL __attribute__((opencl_unroll_hint))

/* Before an innermost loop whose rounds may be done side by side. */
#if defined(__clang__) && CR_VECTOR > 1
#define CR_PRAGMA(text) _Pragma(#text)
#define CR_VECTORS(n) CR_PRAGMA(clang loop vectorize(enable) vectorize_width(n))
#define CR_LANES CR_VECTORS(CR_VECTOR)
#else
#define CR_LANES
#endif

/* Four neighbouring floats at an address that is a multiple of 16. */
#define CR_LOAD4(from, to) vstore4(*(__global const float4 *)(from), 0, to)
#define CR_STORE4(to, from) *(__global float4 *)(to) = vload4(0, from)
#define CR_STORE4_LOCAL(to, from) *(__local float4 *)(to) = vload4(0, from)

#endif
