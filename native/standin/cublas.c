/* A stand-in for libcublas: a product is a chain of fused multiply-adds. */
#include "standin.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void standin_count_product(void);

typedef struct {
  CUstream stream;
  void *workspace;
  size_t workspace_bytes;
  int math;
} Handle;

enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13 };
enum { ILLEGAL_ADDRESS = 700 };

int cublasCreate_v2(Handle **handle) {
  FAULT
  *handle = calloc(1, sizeof **handle);
  return SUCCESS;
}

int cublasDestroy_v2(Handle *handle) {
  FAULT
  free(handle);
  return SUCCESS;
}

int cublasSetStream_v2(Handle *handle, CUstream stream) {
  FAULT
  handle->stream = stream;
  handle->workspace_bytes = 0;
  return SUCCESS;
}

int cublasSetWorkspace_v2(Handle *handle, void *workspace, size_t bytes) {
  FAULT
  handle->workspace = workspace;
  handle->workspace_bytes = bytes;
  return standin_holds(workspace, bytes) ? SUCCESS : INVALID_VALUE;
}

int cublasSetMathMode(Handle *handle, int mode) {
  FAULT
  handle->math = mode;
  return mode == 0 || mode == 3 ? SUCCESS : INVALID_VALUE;
}

typedef struct {
  int transpose_a, transpose_b, m, n, k, lda, ldb, ldc, count;
  long long stride_a, stride_b, stride_c;
  float alpha, beta;
  const float *a, *b;
  float *c;
} Product;

/* c[row] becomes a[row] * y + c[row]. */
FAST static void add_column(float *restrict c, const float *restrict a, float y, int rows) {
  for (int row = 0; row < rows; row++) {
    c[row] = fmaf(a[row], y, c[row]);
  }
}

static int multiply(void *data) {
  const Product *p = data;
  standin_count_product();
  if (!standin_ready(p->a) || !standin_ready(p->b) || !standin_ready(p->c)) {
    return standin_lose(ILLEGAL_ADDRESS);
  }
  float *columns = malloc(sizeof(float) * (size_t)p->m * (size_t)(p->k > 0 ? p->k : 1));
  for (int i = 0; i < p->count; i++) {
    const float *a = p->a + i * p->stride_a;
    const float *b = p->b + i * p->stride_b;
    float *c = p->c + i * p->stride_c;
    for (int k = 0; k < p->k; k++) {
      for (int row = 0; row < p->m; row++) {
        columns[(long long)k * p->m + row] =
            p->transpose_a ? a[k + (long long)row * p->lda] : a[row + (long long)k * p->lda];
      }
    }
    for (int column = 0; column < p->n; column++) {
      float *to = c + (long long)column * p->ldc;
      memset(to, 0, sizeof(float) * (size_t)p->m);
      for (int k = 0; k < p->k; k++) {
        float y = p->transpose_b ? b[column + (long long)k * p->ldb]
                                 : b[k + (long long)column * p->ldb];
        add_column(to, columns + (long long)k * p->m, y, p->m);
      }
    }
  }
  free(columns);
  return 0;
}

static int least(int rows) { return rows > 1 ? rows : 1; }

int cublasSgemmStridedBatched(Handle *handle, int transpose_a, int transpose_b, int m, int n, int k,
                              const float *alpha, const float *a, int lda, long long stride_a,
                              const float *b, int ldb, long long stride_b, const float *beta,
                              float *c, int ldc, long long stride_c, int count) {
  FAULT
  Product p = {transpose_a, transpose_b, m,        n,      k,     lda, ldb, ldc, count, stride_a,
               stride_b,    stride_c,    *alpha,   *beta,  a,     b,   c};
  if (handle->stream == NULL || handle->workspace_bytes == 0) {
    return NOT_INITIALIZED;
  }
  if (lda < least(transpose_a ? k : m) || ldb < least(transpose_b ? n : k) || ldc < least(m) ||
      p.alpha != 1 || p.beta != 0) {
    return INVALID_VALUE;
  }
  long long last = (long long)(count - 1) * stride_c + (long long)(n - 1) * ldc + m;
  if (!standin_holds(c, (size_t)last * sizeof(float))) {
    return EXECUTION_FAILED;
  }
  return standin_enqueue(handle->stream, multiply, &p, sizeof p) == 0 ? SUCCESS : EXECUTION_FAILED;
}
