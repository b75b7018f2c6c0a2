/* A stand-in for libnvrtc: what compiles is the host's C compiler. */
#define _GNU_SOURCE
#include "standin.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char folder[64];
  char *log;
  char *image;
  size_t bytes;
  int headers;
  char **names;
} Program;

enum { SUCCESS = 0, OUT_OF_MEMORY = 1, INVALID_INPUT = 3, COMPILATION = 6 };

static int write_text(const char *folder, const char *name, const char *text) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  if (file == NULL) {
    return 0;
  }
  fputs(text, file);
  return fclose(file) == 0;
}

/*
 * For each kernel of a preprocessed text: the kinds of its arguments (p for a pointer, n for a
 * number), whether its items wait for each other, and a function that takes them as cuLaunchKernel
 * does. A kernel is known by what prelude_standin.h puts before it.
 */
static char *callers(const char *source) {
  static const char head[] = "__attribute__((visibility(\"default\"))) void ";
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  const char *at = source;
  while ((at = strstr(at, head)) != NULL) {
    at += strlen(head);
    int length = (int)(strchr(at, '(') - at);
    char kinds[256] = "";
    int depth = 0, count = 0;
    const char *argument = at + length + 1;
    for (const char *c = at + length; count < 255; c++) {
      depth += (*c == '(') - (*c == ')');
      if ((*c == ',' && depth == 1) || depth == 0) {
        const char *pointer = strchr(argument, '*');
        kinds[count++] = pointer != NULL && pointer < c ? 'p' : 'n';
        argument = c + 1;
      }
      if (depth == 0) {
        break;
      }
    }
    const char *next = strstr(at, head);
    const char *barrier = strstr(at, "standin_barrier");
    const char *shuffle = strstr(at, "standin_exchange");
    int waits = (barrier != NULL && (next == NULL || barrier < next)) ||
                (shuffle != NULL && (next == NULL || shuffle < next));
    fprintf(out, "const char standin_kinds_%.*s[] = \"%s\";\n", length, at, kinds);
    fprintf(out, "const int standin_waits_%.*s = %d;\n", length, at, waits);
    fprintf(out, "void standin_call_%.*s(void **a) { %.*s(", length, at, length, at);
    for (int i = 0; i < count; i++) {
      fprintf(out, "%s*(%s *)a[%d]", i == 0 ? "" : ", ", kinds[i] == 'n' ? "cr_i64" : "void *", i);
    }
    fprintf(out, "); }\n");
  }
  fclose(out);
  return text;
}

int nvrtcVersion(int *major, int *minor) {
  FAULT
  *major = STANDIN_MAJOR;
  *minor = 0;
  return SUCCESS;
}

const char *nvrtcGetErrorString(int status) {
  return status == COMPILATION ? "NVRTC_ERROR_COMPILATION" : "said the stand-in";
}

int nvrtcGetNumSupportedArchs(int *count) {
  FAULT
  *count = 2;
  return SUCCESS;
}

int nvrtcGetSupportedArchs(int *archs) {
  FAULT
  archs[0] = 75;
  archs[1] = 90;
  return SUCCESS;
}

int nvrtcCreateProgram(Program **program, const char *source, const char *name, int headers,
                       const char *const *texts, const char *const *names) {
  FAULT
  (void)name;
  Program *p = calloc(1, sizeof *p);
  strcpy(p->folder, "/tmp/credence-standin-XXXXXX");
  if (mkdtemp(p->folder) == NULL) {
    return OUT_OF_MEMORY;
  }
  p->log = strdup("");
  p->headers = headers;
  p->names = calloc((size_t)headers + 1, sizeof *p->names);
  for (int h = 0; h < headers; h++) {
    /* The prelude is the one text that is not the same. */
    int prelude = strcmp(names[h], "credence_prelude_cuda.h") == 0;
    p->names[h] = strdup(names[h]);
    const char *instead = "#include \"" STANDIN_SOURCE "/native/standin/prelude_standin.h\"\n";
    if (!write_text(p->folder, names[h], prelude ? instead : texts[h])) {
      return INVALID_INPUT;
    }
  }
  *program = p;
  return write_text(p->folder, "kernel.c", source) ? SUCCESS : INVALID_INPUT;
}

static char *contents(const char *folder, const char *name, size_t *bytes) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    return NULL;
  }
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  char *text = calloc(*bytes + 1, 1);
  *bytes = fread(text, 1, *bytes, file);
  fclose(file);
  return text;
}

int nvrtcCompileProgram(Program *program, int count, const char *const *options) {
  FAULT
  int exact = 0, architecture = 0;
  for (int i = 0; i < count; i++) {
    exact |= strcmp(options[i], "--fmad=false") == 0;
    architecture |= strcmp(options[i], "--gpu-architecture=sm_90") == 0;
  }
  if (!exact || !architecture) {
    return 5; /* NVRTC_ERROR_INVALID_OPTION */
  }
  char command[1024];
  /* The folders are looked into for quoted names only: kernels/ has a math.h. */
  snprintf(command, sizeof command,
           "cd %s && %s -E -std=gnu11 -iquote . -iquote " STANDIN_SOURCE "/kernels -o kernel.i "
           "kernel.c 2> log",
           program->folder, STANDIN_COMPILER);
  int status = system(command);
  size_t bytes;
  char *text = status == 0 ? contents(program->folder, "kernel.i", &bytes) : NULL;
  if (text != NULL) {
    char *calls = callers(text);
    char *all = malloc(strlen(text) + strlen(calls) + 1);
    write_text(program->folder, "kernel.i", strcat(strcpy(all, text), calls));
    free(all);
    free(calls);
    free(text);
    snprintf(command, sizeof command,
             "cd %s && %s -O1 -std=gnu11 -ffp-contract=off -w -shared -fPIC -Wl,-z,defs -o kernel.so "
             "kernel.i -lm 2> log",
             program->folder, STANDIN_COMPILER);
    status = system(command);
  }
  char *log = contents(program->folder, "log", &bytes);
  if (log != NULL) {
    free(program->log);
    program->log = log;
  }
  program->image = status == 0 ? contents(program->folder, "kernel.so", &program->bytes) : NULL;
  return program->image == NULL ? COMPILATION : SUCCESS;
}

int nvrtcGetProgramLogSize(Program *program, size_t *bytes) {
  FAULT
  *bytes = strlen(program->log) + 1;
  return SUCCESS;
}

int nvrtcGetProgramLog(Program *program, char *log) {
  FAULT
  strcpy(log, program->log);
  return SUCCESS;
}

int nvrtcGetCUBINSize(Program *program, size_t *bytes) {
  FAULT
  *bytes = program->bytes;
  return SUCCESS;
}

int nvrtcGetCUBIN(Program *program, char *image) {
  FAULT
  memcpy(image, program->image, program->bytes);
  return SUCCESS;
}

static void drop(const char *folder, const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  unlink(path);
}

int nvrtcDestroyProgram(Program **program) {
  FAULT
  Program *p = *program;
  for (int h = 0; h < p->headers; h++) {
    drop(p->folder, p->names[h]);
    free(p->names[h]);
  }
  drop(p->folder, "kernel.c");
  drop(p->folder, "kernel.i");
  drop(p->folder, "kernel.so");
  drop(p->folder, "log");
  rmdir(p->folder);
  free(p->names);
  free(p->log);
  free(p->image);
  free(p);
  *program = NULL;
  return SUCCESS;
}
