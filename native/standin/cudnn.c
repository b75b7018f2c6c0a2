/*
 * A stand-in for libcudnn: convolutions as plain sums of products and the largest of windows. Of the
 * algorithms that it lists, the first does not give the same bits each time, the second and third are
 * refused sooner or later, and the last wants a workspace, in which it writes.
 */
#include "standin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, NOT_INITIALIZED = 1, BAD_PARAM = 3, NOT_SUPPORTED = 9, EXECUTION_FAILED = 8 };
enum { ILLEGAL_ADDRESS = 700 };
enum { MEAN = 1, LARGEST = 3 }; /* of a window, the edges counted in; the same bits each time */
enum { UNUSABLE = 2, ALGORITHM = 5, WORKSPACE = 1000, NO_ROUNDING = 3 };

void standin_count_convolution(void);
int standin_refuses_convolutions(void);

typedef struct {
  CUstream stream;
} Handle;

typedef struct {
  int n, c, h, w, sn, sc, sh, sw;
} Tensor;

typedef struct {
  int k, c, h, w;
} Filter;

typedef struct {
  int pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, groups, math;
} Convolution;

typedef struct {
  int mode, h, w, stride_h, stride_w;
} Window;

typedef struct {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math, reserved[3];
} Measured;

size_t cudnnGetVersion(void) { return STANDIN_DNN; }
const char *cudnnGetErrorString(int status) {
  return status == SUCCESS ? "success" : "said the stand-in";
}

int cudnnCreate(Handle **handle) {
  FAULT
  return (*handle = calloc(1, sizeof **handle)) == NULL;
}
int cudnnDestroy(Handle *handle) {
  FAULT
  free(handle);
  return SUCCESS;
}
int cudnnSetStream(Handle *handle, CUstream stream) {
  FAULT
  handle->stream = stream;
  return SUCCESS;
}

#define DESCRIPTOR(name, type)                      \
  int cudnnCreate##name##Descriptor(type **d) {     \
    FAULT                                           \
    return (*d = calloc(1, sizeof **d)) == NULL;    \
  }                                                 \
  int cudnnDestroy##name##Descriptor(type *d) {     \
    FAULT                                           \
    free(d);                                        \
    return SUCCESS;                                 \
  }
DESCRIPTOR(Tensor, Tensor)
DESCRIPTOR(Filter, Filter)
DESCRIPTOR(Convolution, Convolution)
DESCRIPTOR(Pooling, Window)

int cudnnSetTensor4dDescriptorEx(Tensor *t, int type, int n, int c, int h, int w, int sn, int sc,
                                 int sh, int sw) {
  FAULT
  *t = (Tensor){n, c, h, w, sn, sc, sh, sw};
  int fits = n > 0 && c > 0 && h > 0 && w > 0 && sn > 0 && sc > 0 && sh > 0 && sw > 0;
  return type == 0 && fits ? SUCCESS : BAD_PARAM;
}

int cudnnSetFilter4dDescriptor(Filter *f, int type, int format, int k, int c, int h, int w) {
  FAULT
  *f = (Filter){k, c, h, w};
  return type == 0 && format == 0 && k > 0 && c > 0 && h > 0 && w > 0 ? SUCCESS : BAD_PARAM;
}

int cudnnSetConvolution2dDescriptor(Convolution *c, int pad_h, int pad_w, int stride_h, int stride_w,
                                    int dilation_h, int dilation_w, int mode, int type) {
  FAULT
  *c = (Convolution){pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, 1, 0};
  int fits = pad_h >= 0 && pad_w >= 0 && stride_h > 0 && stride_w > 0 && dilation_h > 0 &&
             dilation_w > 0;
  return mode == 1 && type == 0 && fits ? SUCCESS : BAD_PARAM;
}

int cudnnSetConvolutionGroupCount(Convolution *c, int groups) {
  FAULT
  c->groups = groups;
  return groups > 0 ? SUCCESS : BAD_PARAM;
}

int cudnnSetConvolutionMathType(Convolution *c, int math) {
  FAULT
  c->math = math;
  return math == 0 || math == NO_ROUNDING ? SUCCESS : BAD_PARAM;
}

int cudnnSetPooling2dDescriptor(Window *p, int mode, int nan, int h, int w, int pad_h, int pad_w,
                                int stride_h, int stride_w) {
  FAULT
  *p = (Window){mode, h, w, stride_h, stride_w};
  return (mode == MEAN || mode == LARGEST) && nan == 1 && pad_h == 0 && pad_w == 0 ? SUCCESS
                                                                                   : BAD_PARAM;
}

/* ---- Convolutions ---- */

typedef struct {
  int direction; /* 0 forward, 1 to the images, 2 to the filters */
  Tensor x, y;
  Filter f;
  Convolution c;
  float *in, *w, *out, *workspace;
} Work;

static int count(int length, int pad, int reach, int stride) {
  return (length + 2 * pad - reach) / stride + 1;
}

/* Whether the descriptors fit together. */
static int fits(const Work *k) {
  int p = count(k->x.h, k->c.pad_h, k->c.dilation_h * (k->f.h - 1) + 1, k->c.stride_h);
  int q = count(k->x.w, k->c.pad_w, k->c.dilation_w * (k->f.w - 1) + 1, k->c.stride_w);
  return k->x.n == k->y.n && k->x.c == k->f.c * k->c.groups && k->y.c == k->f.k && k->y.h == p &&
         k->y.w == q && k->f.k % k->c.groups == 0;
}

static size_t bytes(const Tensor *t) {
  return sizeof(float) * (size_t)(1 + (t->n - 1L) * t->sn + (t->c - 1L) * t->sc +
                                  (t->h - 1L) * t->sh + (t->w - 1L) * t->sw);
}

static size_t filter_bytes(const Filter *f) { return sizeof(float) * f->k * f->c * f->h * f->w; }

/*
 * What a tap has to do with one row: sums[i * to] += x[i * from] * f, or the sum of x[i * from] *
 * y[i * to] for the filters.
 */
FAST static void add_row(float *sums, long to, const float *x, long from, float f, int count) {
  if (to == 1 && from == 1) {
    for (int i = 0; i < count; i++) sums[i] = fmaf(x[i], f, sums[i]);
  } else {
    for (int i = 0; i < count; i++) sums[i * to] = fmaf(x[i * from], f, sums[i * to]);
  }
}

FAST static float dot_row(float sum, const float *y, long to, const float *x, long from, int count) {
  for (int i = 0; i < count; i++) sum = fmaf(x[i * from], y[i * to], sum);
  return sum;
}

/* One product for every pair of an output and a tap that meets an image. */
static int convolve(void *data) {
  Work *k = data;
  standin_count_convolution();
  if (!standin_ready(k->in) || !standin_ready(k->w) || !standin_ready(k->out) ||
      !standin_ready(k->workspace)) {
    return standin_lose(ILLEGAL_ADDRESS);
  }
  memset(k->workspace, 0x5b, WORKSPACE);
  int channels = k->f.c, filters = k->f.k / k->c.groups;
  Tensor *zeroed = k->direction == 0 ? &k->y : &k->x;
  float *sums = k->direction == 0 ? k->out : k->in;
  if (k->direction == 2) {
    memset(k->w, 0, filter_bytes(&k->f));
  } else {
    for (int n = 0; n < zeroed->n; n++)
      for (int c = 0; c < zeroed->c; c++)
        for (int h = 0; h < zeroed->h; h++)
          for (int w = 0; w < zeroed->w; w++)
            sums[(long)n * zeroed->sn + (long)c * zeroed->sc + (long)h * zeroed->sh +
                 (long)w * zeroed->sw] = 0;
  }
  for (int n = 0; n < k->y.n; n++)
    for (int o = 0; o < k->y.c; o++)
      for (int c = 0; c < channels; c++)
        for (int r = 0; r < k->f.h; r++)
          for (int s = 0; s < k->f.w; s++) {
            float *f = &k->w[((o * channels + c) * k->f.h + r) * k->f.w + s];
            int channel = o / filters * channels + c;
            /* The outputs of a row that this tap reaches from within the image. */
            int left = s * k->c.dilation_w - k->c.pad_w, first = 0, beyond = k->y.w;
            while (first < beyond && first * k->c.stride_w + left < 0) first++;
            while (beyond > first && (beyond - 1) * k->c.stride_w + left >= k->x.w) beyond--;
            for (int p = 0; p < k->y.h; p++) {
              int h = p * k->c.stride_h + r * k->c.dilation_h - k->c.pad_h;
              if (h < 0 || h >= k->x.h || first == beyond) continue;
              float *x = &k->in[(long)n * k->x.sn + (long)channel * k->x.sc + (long)h * k->x.sh +
                                (long)(first * k->c.stride_w + left) * k->x.sw];
              float *y = &k->out[(long)n * k->y.sn + (long)o * k->y.sc + (long)p * k->y.sh +
                                 (long)first * k->y.sw];
              long step = (long)k->c.stride_w * k->x.sw;
              int count = beyond - first;
              if (k->direction == 0) add_row(y, k->y.sw, x, step, *f, count);
              if (k->direction == 1) add_row(x, step, y, k->y.sw, *f, count);
              if (k->direction == 2) *f = dot_row(*f, y, k->y.sw, x, step, count);
            }
          }
  return 0;
}

static int run(Handle *handle, int direction, const Tensor *x, const Filter *f, const Tensor *y,
               const Convolution *c, const float *alpha, const float *beta, const void *in,
               const void *w, const void *out, int algorithm, void *workspace, size_t room) {
  Work k = {direction, *x, *y, *f, *c, (float *)in, (float *)w, (float *)out, workspace};
  if (handle->stream == NULL) {
    return NOT_INITIALIZED;
  }
  if (!fits(&k) || *alpha != 1 || *beta != 0 || algorithm != ALGORITHM || room < WORKSPACE) {
    return BAD_PARAM;
  }
  if (!standin_holds(workspace, room) || !standin_holds(in, bytes(x)) ||
      !standin_holds(w, filter_bytes(f)) || !standin_holds(out, bytes(y))) {
    return EXECUTION_FAILED;
  }
  return standin_enqueue(handle->stream, convolve, &k, sizeof k) == 0 ? SUCCESS : EXECUTION_FAILED;
}

int cudnnConvolutionForward(Handle *handle, const float *alpha, const Tensor *x, const void *in,
                            const Filter *f, const void *w, const Convolution *c, int algorithm,
                            void *workspace, size_t room, const float *beta, const Tensor *y,
                            void *out) {
  FAULT
  return run(handle, 0, x, f, y, c, alpha, beta, in, w, out, algorithm, workspace, room);
}

int cudnnConvolutionBackwardData(Handle *handle, const float *alpha, const Filter *f, const void *w,
                                 const Tensor *y, const void *out, const Convolution *c,
                                 int algorithm, void *workspace, size_t room, const float *beta,
                                 const Tensor *x, void *in) {
  FAULT
  return run(handle, 1, x, f, y, c, alpha, beta, in, w, out, algorithm, workspace, room);
}

int cudnnConvolutionBackwardFilter(Handle *handle, const float *alpha, const Tensor *x,
                                   const void *in, const Tensor *y, const void *out,
                                   const Convolution *c, int algorithm, void *workspace, size_t room,
                                   const float *beta, const Filter *f, void *w) {
  FAULT
  return run(handle, 2, x, f, y, c, alpha, beta, in, w, out, algorithm, workspace, room);
}

static int list(const Tensor *x, const Filter *f, const Tensor *y, const Convolution *c, int asked,
                int *found, Measured *results) {
  Work k = {0, *x, *y, *f, *c, NULL, NULL, NULL, NULL};
  if (standin_refuses_convolutions()) {
    return NOT_SUPPORTED;
  }
  if (!fits(&k) || asked < 4) {
    return BAD_PARAM;
  }
  results[0] = (Measured){0, SUCCESS, 0.1f, 0, 0, c->math, {0}};
  results[1] = (Measured){1, NOT_SUPPORTED, -1, 0, 1, c->math, {0}};
  results[2] = (Measured){UNUSABLE, SUCCESS, 0.2f, 0, 1, c->math, {0}};
  results[3] = (Measured){ALGORITHM, SUCCESS, 0.2f, WORKSPACE, 1, c->math, {0}};
  *found = 4;
  return SUCCESS;
}

int cudnnGetConvolutionForwardAlgorithm_v7(Handle *handle, const Tensor *x, const Filter *f,
                                           const Convolution *c, const Tensor *y, int asked,
                                           int *found, Measured *results) {
  FAULT
  (void)handle;
  return list(x, f, y, c, asked, found, results);
}

int cudnnGetConvolutionBackwardDataAlgorithm_v7(Handle *handle, const Filter *f, const Tensor *y,
                                                const Convolution *c, const Tensor *x, int asked,
                                                int *found, Measured *results) {
  FAULT
  (void)handle;
  return list(x, f, y, c, asked, found, results);
}

int cudnnGetConvolutionBackwardFilterAlgorithm_v7(Handle *handle, const Tensor *x, const Tensor *y,
                                                  const Convolution *c, const Filter *f, int asked,
                                                  int *found, Measured *results) {
  FAULT
  (void)handle;
  return list(x, f, y, c, asked, found, results);
}

static int workspace(int algorithm, size_t *bytes) {
  *bytes = algorithm == ALGORITHM ? WORKSPACE : 0;
  return algorithm == ALGORITHM || algorithm == UNUSABLE ? SUCCESS : NOT_SUPPORTED;
}

int cudnnGetConvolutionForwardWorkspaceSize(Handle *handle, const Tensor *x, const Filter *f,
                                            const Convolution *c, const Tensor *y, int algorithm,
                                            size_t *bytes) {
  FAULT
  Work k = {0, *x, *y, *f, *c, NULL, NULL, NULL, NULL};
  return handle != NULL && fits(&k) ? workspace(algorithm, bytes) : BAD_PARAM;
}

int cudnnGetConvolutionBackwardDataWorkspaceSize(Handle *handle, const Filter *f, const Tensor *y,
                                                 const Convolution *c, const Tensor *x,
                                                 int algorithm, size_t *bytes) {
  FAULT
  Work k = {1, *x, *y, *f, *c, NULL, NULL, NULL, NULL};
  return handle != NULL && fits(&k) ? workspace(algorithm, bytes) : BAD_PARAM;
}

int cudnnGetConvolutionBackwardFilterWorkspaceSize(Handle *handle, const Tensor *x, const Tensor *y,
                                                   const Convolution *c, const Filter *f,
                                                   int algorithm, size_t *bytes) {
  FAULT
  Work k = {2, *x, *y, *f, *c, NULL, NULL, NULL, NULL};
  return handle != NULL && fits(&k) ? workspace(algorithm, bytes) : BAD_PARAM;
}

/* ---- Pooling ---- */

typedef struct {
  Window window;
  Tensor x, y;
  float *in, *out;
} Pool;

static long at(const Tensor *t, int n, int c, int h, int w) {
  return (long)n * t->sn + (long)c * t->sc + (long)h * t->sh + (long)w * t->sw;
}

static int pool(void *data) {
  Pool *k = data;
  standin_count_convolution();
  if (!standin_ready(k->in) || !standin_ready(k->out)) {
    return standin_lose(ILLEGAL_ADDRESS);
  }
  int mean = k->window.mode == MEAN;
  for (int n = 0; n < k->y.n; n++)
    for (int c = 0; c < k->y.c; c++)
      for (int p = 0; p < k->y.h; p++)
        for (int q = 0; q < k->y.w; q++) {
          float so_far = mean ? 0 : -INFINITY;
          for (int r = 0; r < k->window.h; r++)
            for (int s = 0; s < k->window.w; s++) {
              float x = k->in[at(&k->x, n, c, p * k->window.stride_h + r,
                                 q * k->window.stride_w + s)];
              so_far = mean ? so_far + x : x > so_far || x != x ? x : so_far;
            }
          float divisor = mean ? (float)(k->window.h * k->window.w) : 1;
          k->out[at(&k->y, n, c, p, q)] = so_far / divisor;
        }
  return 0;
}

static int pool_back(void *data) {
  Pool *k = data;
  standin_count_convolution();
  if (!standin_ready(k->in) || !standin_ready(k->out)) {
    return standin_lose(ILLEGAL_ADDRESS);
  }
  for (int n = 0; n < k->x.n; n++)
    for (int c = 0; c < k->x.c; c++) {
      for (int h = 0; h < k->x.h; h++)
        for (int w = 0; w < k->x.w; w++) k->in[at(&k->x, n, c, h, w)] = 0;
      for (int p = 0; p < k->y.h; p++)
        for (int q = 0; q < k->y.w; q++)
          for (int r = 0; r < k->window.h; r++)
            for (int s = 0; s < k->window.w; s++)
              k->in[at(&k->x, n, c, p * k->window.stride_h + r, q * k->window.stride_w + s)] +=
                  k->out[at(&k->y, n, c, p, q)] / (float)(k->window.h * k->window.w);
    }
  return 0;
}

static int pooling(Handle *handle, const Window *window, const float *alpha, const Tensor *x,
                   const void *in, const float *beta, const Tensor *y, const void *out,
                   int (*run)(void *)) {
  Pool k = {*window, *x, *y, (float *)in, (float *)out};
  if (*alpha != 1 || *beta != 0 || y->h != count(x->h, 0, window->h, window->stride_h) ||
      y->w != count(x->w, 0, window->w, window->stride_w) || x->n != y->n || x->c != y->c) {
    return BAD_PARAM;
  }
  if (!standin_holds(in, bytes(x)) || !standin_holds(out, bytes(y))) {
    return EXECUTION_FAILED;
  }
  return standin_enqueue(handle->stream, run, &k, sizeof k) == 0 ? SUCCESS : EXECUTION_FAILED;
}

int cudnnPoolingForward(Handle *handle, const Window *window, const float *alpha, const Tensor *x,
                        const void *in, const float *beta, const Tensor *y, void *out) {
  FAULT
  return pooling(handle, window, alpha, x, in, beta, y, out, pool);
}

/* Of means alone, of which only the gradient counts. */
int cudnnPoolingBackward(Handle *handle, const Window *window, const float *alpha, const Tensor *y,
                         const void *outputs, const Tensor *dy, const void *out, const Tensor *x,
                         const void *images, const float *beta, const Tensor *dx, void *in) {
  FAULT
  if (window->mode != MEAN || !standin_holds(outputs, bytes(y)) ||
      !standin_holds(images, bytes(x))) {
    return BAD_PARAM;
  }
  return pooling(handle, window, alpha, dx, in, beta, dy, out, pool_back);
}
