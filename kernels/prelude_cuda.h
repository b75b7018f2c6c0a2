/*
 * Prelude of the common dialect: CUDA C, for nvcc and NVRTC. See prelude_c.h for what each word
 * promises.
 *
 * Compile with --fmad=false and the defaults -ftz=false -prec-div=true -prec-sqrt=true.
 */
#ifndef CR_PRELUDE
#define CR_PRELUDE

typedef unsigned int cr_u32;
typedef int cr_i32;
typedef unsigned long long cr_u64;
typedef long long cr_i64;

#define CR_FN static __device__ __forceinline__
#define CR_KERNEL extern "C" __global__
#define CR_GLOBAL
#define CR_LOCAL __shared__
#define CR_CONST const
#define CR_RESTRICT __restrict__

#define CR_INF __int_as_float(0x7f800000)
#define CR_NAN __int_as_float(0x7fc00000)

CR_FN float cr_fma(float a, float b, float c) { return __fmaf_rn(a, b, c); }
CR_FN float cr_sqrt(float x) { return __fsqrt_rn(x); }
CR_FN float cr_floor(float x) { return floorf(x); }
CR_FN cr_u32 cr_bits_of(float x) { return (cr_u32)__float_as_int(x); }
CR_FN float cr_float_of(cr_u32 bits) { return __int_as_float((cr_i32)bits); }
CR_FN float cr_u32_to_f32(cr_u32 i) { return __uint2float_rn(i); }
CR_FN float cr_i32_to_f32(cr_i32 i) { return __int2float_rn(i); }

/* The conversion itself saturates; NaN is spelt out rather than trusted. */
CR_FN cr_i32 cr_f32_to_i32(float x) { return x == x ? __float2int_rz(x) : 0; }

CR_FN void cr_mul_hi_lo(cr_u32 a, cr_u32 b, cr_u32 *hi, cr_u32 *lo) {
  *hi = __umulhi(a, b);
  *lo = a * b;
}

/* ---- For generated loops ---- */

/* The word of the parameter block that an index fault raises. */
#define CR_FAULT 3

/* An array as a kernel takes it, and where its first element is. */
#define CR_ARRAY(type, name) type *name
#define CR_START(name) name

#define CR_SHARED
#define CR_ITEM ((cr_i64)blockIdx.x * blockDim.x + threadIdx.x)
#define CR_GROUP ((cr_i64)blockIdx.x)
#define CR_FOR_LANES(l) { const cr_i32 l = (cr_i32)threadIdx.x;
#define CR_END_LANES } __syncthreads();

/* ---- For kernels written by hand: the work item within its group, which waits for the others ---- */

#define CR_LANE ((cr_i32)threadIdx.x)
#define CR_BARRIER __syncthreads()
#define CR_UNROLL _Pragma("unroll")
#define CR_ALIGNED16 __align__(16)

/* What the work item so many places further in the warp has, and what one of the warp has. */
#define CR_SHUFFLE_DOWN(x, span) __shfl_down_sync(0xffffffffu, x, span)
#define CR_SHUFFLE(x, lane) __shfl_sync(0xffffffffu, x, lane)

/* Four neighbouring floats at an address that is a multiple of 16. */
#define CR_LOAD4(from, to)                    \
  {                                           \
    const float4 four = *(const float4 *)(from); \
    (to)[0] = four.x;                         \
    (to)[1] = four.y;                         \
    (to)[2] = four.z;                         \
    (to)[3] = four.w;                         \
  }
#define CR_STORE4(to, from) \
  *(float4 *)(to) = make_float4((from)[0], (from)[1], (from)[2], (from)[3])
#define CR_STORE4_LOCAL(to, from) CR_STORE4(to, from)

#endif
