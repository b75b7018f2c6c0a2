/*
 * A stand-in for libcuda.so.1: the driver of a device that is not there. Everything enqueued is done
 * at once, so that streams and events need no more than a name.
 */
#define _GNU_SOURCE
#include "standin.h"

#include <dlfcn.h>
#include <elf.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_CONTEXT = 201,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_TIMEOUT = 702,
  CAPTURE_UNSUPPORTED = 900
};

#define DEVICE_BYTES (1LL << 30)
#define MOST_ARGUMENTS 256

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int initialized;
static int sticky;
static _Thread_local void *current;

static long kernels_run, graphs_launched, products_run, convolutions_run, modules_loaded;
static int refuses_convolutions;
static int offers_pools = 1;

/* ---- Faults: each entry counts its calls, and one of them may be ordered to fail ---- */

#define MOST_ENTRIES 128

typedef struct {
  const char *name;
  long calls;
  int until, status, stays;
} Entry;

static Entry entries[MOST_ENTRIES];

static Entry *entry_of(const char *name) {
  Entry *e = entries;
  while (e->name != NULL && strcmp(e->name, name) != 0) {
    e++;
  }
  e->name = e->name == NULL ? strdup(name) : e->name;
  return e;
}

int standin_lose(int status) { return sticky = status; }

int standin_fault(const char *name) {
  pthread_mutex_lock(&mutex);
  Entry *e = entry_of(name);
  e->calls++;
  int status = e->until > 0 && --e->until == 0 ? e->status : SUCCESS;
  if (status != SUCCESS && e->stays) {
    standin_lose(status);
  }
  pthread_mutex_unlock(&mutex);
  return status;
}

/* ---- Memory ---- */

/* Memory in the order of a stream is ready on that stream alone until somebody waits for it. */
typedef struct Block {
  char *address;
  size_t bytes;
  int pooled;
  CUstream fresh;
  long number;
  struct Block *next;
} Block;

static Block *blocks;
static long blocks_made;
static long bytes_allocated;

/* What the pool holds for those who ask next, and how much of it survives a wait. */
static long bytes_reserved;
static uint64_t most_reserved;

/* The stream in whose order something is now done. */
static CUstream executing;

static Block *block_of(const void *address, size_t bytes) {
  for (Block *b = blocks; b != NULL; b = b->next) {
    const char *from = address;
    if (from >= b->address && from + bytes <= b->address + b->bytes) {
      return b;
    }
  }
  return NULL;
}

int standin_holds(const void *address, size_t bytes) { return block_of(address, bytes) != NULL; }

int standin_ready(const void *address) {
  const Block *b = block_of(address, 0);
  return b != NULL && (b->fresh == NULL || b->fresh == executing);
}

/* Whatever needs a context begins so: it fails if the context is lost, or none is current. */
#define NEEDS_CONTEXT                 \
  if (!initialized) {                 \
    return NOT_INITIALIZED;           \
  }                                   \
  if (sticky != 0) {                  \
    return sticky;                    \
  }                                   \
  if (current == NULL) {              \
    return INVALID_CONTEXT;           \
  }

#define ENTER   \
  NEEDS_CONTEXT \
  FAULT

static int allocate(uint64_t *pointer, size_t bytes, int pooled, CUstream stream) {
  pthread_mutex_lock(&mutex);
  if (bytes == 0 || bytes_allocated + (long long)bytes > DEVICE_BYTES) {
    pthread_mutex_unlock(&mutex);
    return bytes == 0 ? INVALID_VALUE : OUT_OF_MEMORY;
  }
  Block *block = malloc(sizeof *block);
  *block = (Block){aligned_alloc(256, (bytes + 255) / 256 * 256), bytes, pooled, stream, ++blocks_made, blocks};
  /* A device's memory holds anything; here it holds what no kernel takes for a result. */
  memset(block->address, 0x5b, bytes);
  blocks = block;
  bytes_allocated += (long)bytes;
  if (pooled) {
    bytes_reserved -= bytes_reserved < (long)bytes ? bytes_reserved : (long)bytes;
  }
  *pointer = (uint64_t)(uintptr_t)block->address;
  pthread_mutex_unlock(&mutex);
  return SUCCESS;
}

static int release_block(uint64_t pointer, int pooled) {
  pthread_mutex_lock(&mutex);
  for (Block **b = &blocks; *b != NULL; b = &(*b)->next) {
    if ((uint64_t)(uintptr_t)(*b)->address == pointer && (*b)->pooled == pooled) {
      Block *gone = *b;
      *b = gone->next;
      bytes_allocated -= (long)gone->bytes;
      bytes_reserved += pooled ? (long)gone->bytes : 0;
      free(gone->address);
      free(gone);
      pthread_mutex_unlock(&mutex);
      return SUCCESS;
    }
  }
  pthread_mutex_unlock(&mutex);
  return INVALID_VALUE;
}

int cuMemAlloc_v2(uint64_t *pointer, size_t bytes) {
  ENTER
  return allocate(pointer, bytes, 0, NULL);
}

int cuMemFree_v2(uint64_t pointer) {
  ENTER
  return release_block(pointer, 0);
}

int cuMemAllocAsync(uint64_t *pointer, size_t bytes, CUstream stream) {
  ENTER
  return offers_pools && stream != NULL ? allocate(pointer, bytes, 1, stream) : INVALID_VALUE;
}

int cuMemFreeAsync(uint64_t pointer, CUstream stream) {
  ENTER
  return stream != NULL ? release_block(pointer, 1) : INVALID_VALUE;
}

/* The one pool that the device has. */
static char pool;

int cuDeviceGetDefaultMemPool(void **found, int device) {
  FAULT
  *found = &pool;
  return offers_pools && device == 0 ? SUCCESS : INVALID_VALUE;
}

int cuMemPoolSetAttribute(void *of, int attribute, void *value) {
  FAULT
  most_reserved = *(uint64_t *)value;
  return of == &pool && attribute == 4 ? SUCCESS : INVALID_VALUE;
}

static void trim(uint64_t most) {
  bytes_reserved = (uint64_t)bytes_reserved > most ? (long)most : bytes_reserved;
}

int cuMemPoolTrimTo(void *of, size_t most) {
  ENTER
  trim(most);
  return of == &pool ? SUCCESS : INVALID_VALUE;
}

int cuMemAllocHost_v2(void **pointer, size_t bytes) {
  ENTER
  *pointer = aligned_alloc(256, (bytes + 255) / 256 * 256);
  return *pointer == NULL ? OUT_OF_MEMORY : SUCCESS;
}

int cuMemFreeHost(void *pointer) {
  ENTER
  free(pointer);
  return SUCCESS;
}

/* ---- Streams and graphs ---- */

typedef struct Action {
  int (*run)(void *data);
  void *data;
  struct Action *next;
} Action;

typedef struct Graph {
  Action *first;
  Action **end;
} Graph;

struct CUstream_st {
  Graph *capture;
};

int standin_enqueue(CUstream stream, int (*run)(void *), const void *data, size_t bytes) {
  NEEDS_CONTEXT
  if (stream == NULL) {
    return INVALID_VALUE;
  }
  void *copy = malloc(bytes);
  memcpy(copy, data, bytes);
  if (stream->capture != NULL) {
    Action *action = malloc(sizeof *action);
    *action = (Action){run, copy, NULL};
    *stream->capture->end = action;
    stream->capture->end = &action->next;
    return SUCCESS;
  }
  pthread_mutex_lock(&mutex);
  executing = stream;
  int status = run(copy);
  pthread_mutex_unlock(&mutex);
  free(copy);
  return status;
}

int cuStreamCreate(CUstream *stream, unsigned flags) {
  ENTER
  (void)flags;
  *stream = calloc(1, sizeof **stream);
  return SUCCESS;
}

int cuStreamDestroy_v2(CUstream stream) {
  ENTER
  free(stream);
  return SUCCESS;
}

int cuStreamSynchronize(CUstream stream) {
  ENTER
  if (stream->capture != NULL) {
    return CAPTURE_UNSUPPORTED;
  }
  pthread_mutex_lock(&mutex);
  for (Block *b = blocks; b != NULL; b = b->next) {
    b->fresh = b->fresh == stream ? NULL : b->fresh;
  }
  trim(most_reserved);
  pthread_mutex_unlock(&mutex);
  return SUCCESS;
}

/* ---- Events ---- */

int cuEventCreate(struct timespec **event, unsigned flags) {
  ENTER
  (void)flags;
  *event = calloc(1, sizeof **event);
  return SUCCESS;
}

int cuEventRecord(struct timespec *event, CUstream stream) {
  ENTER
  if (stream->capture != NULL) {
    return CAPTURE_UNSUPPORTED;
  }
  clock_gettime(CLOCK_MONOTONIC, event);
  return SUCCESS;
}

int cuEventSynchronize(struct timespec *event) {
  ENTER
  return event->tv_sec == 0 ? INVALID_VALUE : SUCCESS;
}

int cuEventElapsedTime(float *millis, struct timespec *start, struct timespec *stop) {
  ENTER
  *millis = (float)((double)(stop->tv_sec - start->tv_sec) * 1e3 +
                    (double)(stop->tv_nsec - start->tv_nsec) * 1e-6);
  return SUCCESS;
}

int cuEventDestroy_v2(struct timespec *event) {
  ENTER
  free(event);
  return SUCCESS;
}

int cuStreamBeginCapture_v2(CUstream stream, int mode) {
  ENTER
  (void)mode;
  if (stream->capture != NULL) {
    return CAPTURE_UNSUPPORTED;
  }
  Graph *graph = malloc(sizeof *graph);
  graph->first = NULL;
  graph->end = &graph->first;
  stream->capture = graph;
  return SUCCESS;
}

int cuStreamEndCapture(CUstream stream, Graph **graph) {
  ENTER
  if (stream->capture == NULL) {
    return CAPTURE_UNSUPPORTED;
  }
  *graph = stream->capture;
  stream->capture = NULL;
  return SUCCESS;
}

/* A graph ready to run takes over the actions, and leaves the graph empty. */
int cuGraphInstantiateWithFlags(Graph **ready, Graph *graph, unsigned long long flags) {
  ENTER
  (void)flags;
  *ready = malloc(sizeof **ready);
  (*ready)->first = graph->first;
  (*ready)->end = NULL;
  graph->first = NULL;
  return SUCCESS;
}

static void drop(Graph *graph) {
  while (graph->first != NULL) {
    Action *gone = graph->first;
    graph->first = gone->next;
    free(gone->data);
    free(gone);
  }
  free(graph);
}

int cuGraphDestroy(Graph *graph) {
  ENTER
  drop(graph);
  return SUCCESS;
}

int cuGraphExecDestroy(Graph *ready) {
  ENTER
  drop(ready);
  return SUCCESS;
}

int cuGraphUpload(Graph *ready, CUstream stream) {
  ENTER
  return ready == NULL || stream == NULL ? INVALID_VALUE : SUCCESS;
}

int cuGraphLaunch(Graph *ready, CUstream stream) {
  ENTER
  if (stream->capture != NULL) {
    return CAPTURE_UNSUPPORTED;
  }
  pthread_mutex_lock(&mutex);
  graphs_launched++;
  executing = stream;
  /* As on a device, what goes wrong on the way is told by whoever calls next. */
  for (Action *a = ready->first; a != NULL && sticky == 0; a = a->next) {
    a->run(a->data);
  }
  pthread_mutex_unlock(&mutex);
  return SUCCESS;
}

/* ---- Copies ---- */

typedef struct {
  void *to;
  const void *from;
  size_t bytes;
} Copy;

static int copy(void *data) {
  Copy *c = data;
  memcpy(c->to, c->from, c->bytes);
  return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, CUstream stream) {
  ENTER
  Copy c = {(void *)(uintptr_t)to, from, bytes};
  return standin_holds(c.to, bytes) ? standin_enqueue(stream, copy, &c, sizeof c) : INVALID_VALUE;
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, CUstream stream) {
  ENTER
  Copy c = {to, (const void *)(uintptr_t)from, bytes};
  return standin_holds(c.from, bytes) ? standin_enqueue(stream, copy, &c, sizeof c) : INVALID_VALUE;
}

/* ---- Kernels: an image is a shared library that the stand-in's NVRTC made ---- */

typedef struct Function {
  void (*call)(void **arguments);
  const char *kinds;
  long long *group, *item, *size;
  int waits;
} Function;

static size_t elf_bytes(const void *image) {
  const Elf64_Ehdr *header = image;
  return header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
}

int cuModuleLoadData(void **module, const void *image) {
  ENTER
  if (memcmp(image, ELFMAG, SELFMAG) != 0) {
    return 200; /* CUDA_ERROR_INVALID_IMAGE */
  }
  /* A name of its own, since a library is known by its name, and gone once it is loaded. */
  char path[] = "/tmp/credence-standin-XXXXXX";
  int file = mkstemp(path);
  size_t bytes = elf_bytes(image);
  if (file < 0) {
    return OUT_OF_MEMORY;
  }
  int written = write(file, image, bytes) == (ssize_t)bytes;
  *module = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  unlink(path);
  close(file);
  modules_loaded++;
  return *module == NULL ? 200 : SUCCESS;
}

int cuModuleUnload(void *module) {
  ENTER
  (void)module; /* Kept: a library that is gone would take its functions with it. */
  return SUCCESS;
}

static void barrier(void);
static unsigned exchange(unsigned mine, long long from);

static void *symbol(void *module, const char *prefix, const char *name) {
  char text[512];
  snprintf(text, sizeof text, "%s%s", prefix, name);
  return dlsym(module, text);
}

int cuModuleGetFunction(Function **function, void *module, const char *name) {
  ENTER
  const int *waits = symbol(module, "standin_waits_", name);
  if (waits == NULL) {
    return NOT_FOUND;
  }
  Function *f = malloc(sizeof *f);
  f->call = (void (*)(void **))symbol(module, "standin_call_", name);
  f->kinds = symbol(module, "standin_kinds_", name);
  f->group = dlsym(module, "standin_group");
  f->item = dlsym(module, "standin_item_of_group");
  f->size = dlsym(module, "standin_group_size");
  f->waits = *waits;
  *(int *)dlsym(module, "standin_waits") = *waits;
  *(void (**)(void))dlsym(module, "standin_barrier") = barrier;
  *(unsigned (**)(unsigned, long long))dlsym(module, "standin_exchange") = exchange;
  *function = f;
  return SUCCESS;
}

typedef struct {
  Function function;
  unsigned groups, size;
  uint64_t values[MOST_ARGUMENTS];
} Launch;

/* ---- Groups whose items wait for each other: each item has a stack, and where it waits the others
 * go on. At a barrier it waits for the group, and where it exchanges values for its warp. ---- */

#define STACK_BYTES (64 << 10)
#define MOST_ITEMS 1024
#define WARP 32

typedef enum { READY, AT_BARRIER, AT_EXCHANGE, DONE } State;

/* Where the scheduler's stack, and each item's, has come to. */
static void *scheduler, *items[MOST_ITEMS];
static char *stacks;
static State states[MOST_ITEMS];
static unsigned running;
static const Launch *launched;
static void **addresses;

/* What items have put there to exchange: two places each, since an item may be one exchange ahead. */
static unsigned exchanged[2][MOST_ITEMS];
static unsigned exchanges[MOST_ITEMS];

/* Goes on where another stack has come to; what a callee must keep is on the stacks. */
void standin_switch(void **from, void *to);
__asm__(
    ".text\n"
    ".globl standin_switch\n"
    ".hidden standin_switch\n"
    ".type standin_switch, @function\n"
    "standin_switch:\n"
    "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
    "  ret\n");

static void wait_as(State state) {
  states[running] = state;
  standin_switch(&items[running], scheduler);
}

static void barrier(void) { wait_as(AT_BARRIER); }

static unsigned exchange(unsigned mine, long long from) {
  unsigned turn = exchanges[running]++ % 2;
  exchanged[turn][running] = mine;
  wait_as(AT_EXCHANGE);
  return exchanged[turn][from];
}

static void item_begins(void) {
  launched->function.call(addresses);
  wait_as(DONE);
}

/* Lets those go on who wait in a state, if all of them do who are not done. */
static int release(unsigned from, unsigned to, State state) {
  int waiting = 0;
  for (unsigned i = from; i < to; i++) {
    if (states[i] != state && states[i] != DONE) {
      return 0;
    }
    waiting += states[i] == state;
  }
  for (unsigned i = from; i < to; i++) {
    states[i] = states[i] == state ? READY : states[i];
  }
  return waiting > 0;
}

static int run_waiting_group(const Launch *l, void **arguments) {
  launched = l;
  addresses = arguments;
  stacks = stacks == NULL ? aligned_alloc(64, (size_t)STACK_BYTES * MOST_ITEMS) : stacks;
  for (unsigned i = 0; i < l->size; i++) {
    /* Six registers, and where to begin; a function begins 8 bytes off a multiple of 16. */
    void **top = (void **)(stacks + (size_t)(i + 1) * STACK_BYTES) - 2;
    *top = (void *)item_begins;
    items[i] = memset(top - 6, 0, 6 * sizeof *top);
    states[i] = READY;
    exchanges[i] = 0;
  }
  for (int moved = 1; moved;) {
    for (unsigned i = 0; i < l->size; i++) {
      if (states[i] == READY) {
        running = i;
        *l->function.item = i;
        standin_switch(&scheduler, items[i]);
      }
    }
    moved = 0;
    for (unsigned i = 0; i < l->size; i += WARP) {
      moved |= release(i, i + WARP < l->size ? i + WARP : l->size, AT_EXCHANGE);
    }
    moved |= release(0, l->size, AT_BARRIER);
  }
  for (unsigned i = 0; i < l->size; i++) {
    if (states[i] != DONE) {
      return standin_lose(LAUNCH_TIMEOUT); /* They wait for each other for ever. */
    }
  }
  return SUCCESS;
}

static int launch(void *data) {
  Launch *l = data;
  kernels_run++;
  if (standin_fault("kernel") != SUCCESS) {
    return sticky;
  }
  static void *arguments[MOST_ARGUMENTS];
  for (size_t a = 0; a < strlen(l->function.kinds); a++) {
    arguments[a] = &l->values[a];
    /* Whatever is a pointer points into the device's memory. */
    int points = l->function.kinds[a] == 'p';
    if (points && !standin_ready((void *)(uintptr_t)l->values[a])) {
      return standin_lose(ILLEGAL_ADDRESS);
    }
  }
  *l->function.size = l->size;
  for (unsigned group = 0; group < l->groups; group++) {
    *l->function.group = group;
    if (l->function.waits) {
      if (run_waiting_group(l, arguments) != SUCCESS) {
        return sticky;
      }
      continue;
    }
    for (unsigned item = 0; item < l->size; item++) {
      *l->function.item = item;
      l->function.call(arguments);
    }
  }
  return SUCCESS;
}

int cuLaunchKernel(Function *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                   unsigned by, unsigned bz, unsigned shared, CUstream stream, void **arguments,
                   void **extra) {
  ENTER
  if (gx == 0 || gy != 1 || gz != 1 || bx == 0 || bx > MOST_ITEMS || by != 1 || bz != 1 ||
      shared != 0 || extra != NULL) {
    return INVALID_VALUE;
  }
  Launch l;
  l.function = *function;
  l.groups = gx;
  l.size = bx;
  for (size_t a = 0; a < strlen(function->kinds); a++) {
    l.values[a] = *(uint64_t *)arguments[a];
  }
  return standin_enqueue(stream, launch, &l, sizeof l);
}

/* ---- The device ---- */

static int context, holders;

int cuInit(unsigned flags) {
  FAULT
  (void)flags;
  initialized = 1;
  const char *status = getenv("CREDENCE_STANDIN_INIT");
  return status == NULL ? SUCCESS : atoi(status);
}

int cuDriverGetVersion(int *version) {
  FAULT
  const char *chosen = getenv("CREDENCE_STANDIN_DRIVER");
  *version = chosen == NULL ? STANDIN_VERSION : atoi(chosen);
  return SUCCESS;
}

int cuGetErrorString(int status, const char **text) {
  *text = status == OUT_OF_MEMORY     ? "out of memory"
          : status == ILLEGAL_ADDRESS ? "an illegal memory access was encountered"
                                      : "said the stand-in";
  return SUCCESS;
}

int cuDeviceGetCount(int *count) {
  FAULT
  *count = 1;
  return SUCCESS;
}

int cuDeviceGet(int *device, int ordinal) {
  FAULT
  *device = ordinal;
  return ordinal == 0 ? SUCCESS : INVALID_VALUE;
}

int cuDeviceGetName(char *name, int bytes, int device) {
  FAULT
  (void)device;
  snprintf(name, (size_t)bytes, "stand-in for a GPU");
  return SUCCESS;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  FAULT
  (void)device;
  *bytes = DEVICE_BYTES;
  return SUCCESS;
}

int cuDeviceGetAttribute(int *value, int which, int device) {
  FAULT
  (void)device;
  switch (which) {
    case 16: *value = 4; return SUCCESS; /* multiprocessors */
    case 75: *value = 9; return SUCCESS; /* compute capability */
    case 76: *value = 0; return SUCCESS;
    case 115: *value = offers_pools; return SUCCESS;
    default: return INVALID_VALUE;
  }
}

int cuDevicePrimaryCtxRetain(void **primary, int device) {
  FAULT
  (void)device;
  *primary = &context;
  holders += initialized;
  return initialized ? SUCCESS : NOT_INITIALIZED;
}

/* With the last who held it goes the context and all its memory. What should have been given back
 * before still counts as allocated, unless the context was lost. */
int cuDevicePrimaryCtxRelease_v2(int device) {
  (void)device;
  if (holders == 0) {
    return INVALID_CONTEXT;
  }
  pthread_mutex_lock(&mutex);
  if (--holders == 0) {
    const long leaked = sticky == 0 ? bytes_allocated : 0;
    sticky = 0;
    while (blocks != NULL) {
      release_block((uint64_t)(uintptr_t)blocks->address, blocks->pooled);
    }
    bytes_allocated = leaked;
    trim(0);
  }
  pthread_mutex_unlock(&mutex);
  FAULT
  return SUCCESS;
}

int cuCtxSetCurrent(void *chosen) {
  FAULT
  current = chosen;
  return sticky;
}

/* ---- For tests ---- */

void standin_order(const char *name, int n, int status, int stays) {
  pthread_mutex_lock(&mutex);
  Entry *e = entry_of(name);
  e->until = n;
  e->status = status;
  e->stays = stays;
  pthread_mutex_unlock(&mutex);
}

void standin_heal(void) {
  sticky = 0;
  offers_pools = 1;
  refuses_convolutions = 0;
  for (Entry *e = entries; e->name != NULL; e++) {
    e->until = 0;
  }
}

long standin_blocks_made(void) { return blocks_made; }

/* Gives back what was allocated after so many blocks, as a context does that goes. */
void standin_forget(long made) {
  pthread_mutex_lock(&mutex);
  for (Block **b = &blocks; *b != NULL;) {
    Block *gone = *b;
    if (gone->number <= made) {
      b = &gone->next;
      continue;
    }
    *b = gone->next;
    bytes_allocated -= (long)gone->bytes;
    free(gone->address);
    free(gone);
  }
  pthread_mutex_unlock(&mutex);
}

int standin_holders(void) { return holders; }
const char *standin_entry(int i) { return entries[i].name; }
long standin_calls(const char *name) { return entry_of(name)->calls; }

void standin_offer_pools(int offer) { offers_pools = offer; }
long standin_bytes_reserved(void) { return bytes_reserved; }

void standin_count_product(void) { products_run++; }
void standin_count_convolution(void) { convolutions_run++; }

void standin_refuse_convolutions(int refuse) { refuses_convolutions = refuse; }
int standin_refuses_convolutions(void) { return refuses_convolutions; }

long standin_kernels_run(void) { return kernels_run; }
long standin_graphs_launched(void) { return graphs_launched; }
long standin_products_run(void) { return products_run; }
long standin_convolutions_run(void) { return convolutions_run; }
long standin_bytes_allocated(void) { return bytes_allocated; }
long standin_modules_loaded(void) { return modules_loaded; }
