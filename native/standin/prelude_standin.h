/*
 * Prelude of the common dialect for the stand-in: CUDA C as plain C. The functions are those of
 * prelude_c.h; kernels keep CUDA's shape, one call for each work item.
 */
#include "prelude_c.h"

#undef CR_PLAIN_C
#undef CR_KERNEL
#define CR_KERNEL

#define CR_ARRAY(type, name) type *name
#define CR_START(name) name

/* Where the grid has come to; the driver writes these before each call. */
long long standin_group;
long long standin_item_of_group;
long long standin_group_size;

#define CR_ITEM ((cr_i64)(standin_group * standin_group_size + standin_item_of_group))

/* The first item of a group does the work of all its lanes; the others find nothing to do. */
#define CR_GROUP (standin_item_of_group == 0 ? (cr_i64)standin_group : (cr_i64)1 << 62)
