// C++'s operators new and delete for builds with the address or thread sanitizer.
//
// There, malloc and free are the sanitizer's, but `new` would be the one of libjemalloc, which calls
// jemalloc's own malloc, while its `delete` calls the public free: the sanitizer would be handed
// blocks that it never gave. These operators, which the program's own symbols make win, keep both
// on one side. They are written in C under their Itanium ABI names to need no C++ headers, and are
// weak, so that a runtime that brings its own wins.

#include "CSanitizerOperators.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

#include <stddef.h>
#include <stdlib.h>

#define OPERATOR __attribute__((weak, visibility("default")))

// A sanitizer ends the process itself when memory runs out, so there is nothing to throw.
static void *take(size_t size) { return malloc(size == 0 ? 1 : size); }

static void *take_aligned(size_t size, size_t alignment) {
  void *block = NULL;
  return posix_memalign(&block, alignment, size == 0 ? 1 : size) == 0 ? block : NULL;
}

// new, new[]; plain, nothrow, aligned, aligned and nothrow.
OPERATOR void *_Znwm(size_t n) { return take(n); }
OPERATOR void *_Znam(size_t n) { return take(n); }
OPERATOR void *_ZnwmRKSt9nothrow_t(size_t n, const void *t) { (void)t; return take(n); }
OPERATOR void *_ZnamRKSt9nothrow_t(size_t n, const void *t) { (void)t; return take(n); }
OPERATOR void *_ZnwmSt11align_val_t(size_t n, size_t a) { return take_aligned(n, a); }
OPERATOR void *_ZnamSt11align_val_t(size_t n, size_t a) { return take_aligned(n, a); }
OPERATOR void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t n, size_t a, const void *t) {
  (void)t;
  return take_aligned(n, a);
}
OPERATOR void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t n, size_t a, const void *t) {
  (void)t;
  return take_aligned(n, a);
}

// delete, delete[]; plain, nothrow, sized, aligned, sized and aligned, aligned and nothrow.
OPERATOR void _ZdlPv(void *p) { free(p); }
OPERATOR void _ZdaPv(void *p) { free(p); }
OPERATOR void _ZdlPvRKSt9nothrow_t(void *p, const void *t) { (void)t; free(p); }
OPERATOR void _ZdaPvRKSt9nothrow_t(void *p, const void *t) { (void)t; free(p); }
OPERATOR void _ZdlPvm(void *p, size_t n) { (void)n; free(p); }
OPERATOR void _ZdaPvm(void *p, size_t n) { (void)n; free(p); }
OPERATOR void _ZdlPvSt11align_val_t(void *p, size_t a) { (void)a; free(p); }
OPERATOR void _ZdaPvSt11align_val_t(void *p, size_t a) { (void)a; free(p); }
OPERATOR void _ZdlPvmSt11align_val_t(void *p, size_t n, size_t a) { (void)n; (void)a; free(p); }
OPERATOR void _ZdaPvmSt11align_val_t(void *p, size_t n, size_t a) { (void)n; (void)a; free(p); }
OPERATOR void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, size_t a, const void *t) {
  (void)a;
  (void)t;
  free(p);
}
OPERATOR void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, size_t a, const void *t) {
  (void)a;
  (void)t;
  free(p);
}

#endif
#endif
