/* What the stand-in libraries share, and what tests may ask of libcuda.so.1. */
#ifndef STANDIN_H
#define STANDIN_H

#include <stddef.h>

typedef struct CUstream_st *CUstream;

/* Runs an action now, or records it, if the stream is being captured. The data is copied.
 * Gives a status of the driver. */
int standin_enqueue(CUstream stream, int (*action)(void *data), const void *data, size_t bytes);

/* Whether bytes at an address lie within memory that is allocated on the device. */
int standin_holds(const void *address, size_t bytes);

/* ---- For tests ---- */

/* Makes the n-th allocation of device memory from now on fail; 0 takes that back. */
void standin_fail_allocation(int n);

/* Makes the n-th kernel run from now on leave this status, which stays; 0 takes that back. */
void standin_fail_kernel(int n, int status);

/* Makes cuDNN refuse convolutions, or not. */
void standin_refuse_convolutions(int refuse);

/* Makes the context good again. */
void standin_heal(void);

/* What has been done so far. */
long standin_kernels_run(void);
long standin_graphs_launched(void);
long standin_products_run(void);
long standin_convolutions_run(void);
long standin_bytes_allocated(void);
long standin_modules_loaded(void);

#endif
