/* What the stand-in libraries share, and what tests may ask of libcuda.so.1. */
#ifndef STANDIN_H
#define STANDIN_H

#include <stddef.h>

typedef struct CUstream_st *CUstream;

/* A function that has much to compute: also compiled for processors with fused multiply-adds. */
#if defined(__GNUC__) && !defined(__clang__)
#define FAST __attribute__((target_clones("arch=x86-64-v3", "default"), optimize("O3")))
#else
#define FAST
#endif

/* Runs an action now, or records it, if the stream is being captured. The data is copied.
 * Gives a status of the driver. */
int standin_enqueue(CUstream stream, int (*action)(void *data), const void *data, size_t bytes);

/* Whether bytes at an address lie within memory that is allocated on the device. */
int standin_holds(const void *address, size_t bytes);

/* Whether memory at an address may be used by what is now being done. */
int standin_ready(const void *address);

/* Counts a call of an entry, and gives the status that was ordered for it, or 0. */
int standin_fault(const char *entry);

/* A function of a library that a fault can be ordered for begins so. */
#define FAULT                                    \
  {                                              \
    const int ordered = standin_fault(__func__); \
    if (ordered != 0) {                          \
      return ordered;                            \
    }                                            \
  }

/* Loses the context to a status of the driver, which it gives. */
int standin_lose(int status);

/* ---- For tests ---- */

/* Makes the n-th call of an entry from now on give a status; 0 takes that back. If it stays, the
 * context is lost. An entry is a function, or "kernel" for each kernel as it runs. */
void standin_order(const char *entry, int n, int status, int stays);

/* The names of all entries called so far, NULL after the last, and how often each was. */
const char *standin_entry(int i);
long standin_calls(const char *entry);

/* How many hold the context. */
int standin_holders(void);

/* Whether the device offers memory in the order of streams. */
void standin_offer_pools(int offer);

/* Makes cuDNN refuse convolutions, or not. */
void standin_refuse_convolutions(int refuse);

/* Makes the context good again, and takes all orders back. */
void standin_heal(void);

/* What has been done so far. */
long standin_kernels_run(void);
long standin_graphs_launched(void);
long standin_products_run(void);
long standin_convolutions_run(void);
long standin_bytes_allocated(void);
long standin_bytes_reserved(void);
long standin_modules_loaded(void);

#endif
