#ifndef TIDEMARK_PROCESSOR_FEATURES_H
#define TIDEMARK_PROCESSOR_FEATURES_H

#include <stdbool.h>

/// Whether this processor runs x86-64-v3 code: AVX2, FMA and what belongs to them.
static inline bool tidemark_has_avx2(void) {
  return __builtin_cpu_supports("x86-64-v3");
}

/// Whether this processor runs x86-64-v4 code: AVX-512 F, BW, CD, DQ and VL.
static inline bool tidemark_has_avx512(void) {
  return __builtin_cpu_supports("x86-64-v4");
}

/// Tells the processor that the calling thread waits in a loop.
static inline void tidemark_pause(void) {
  __builtin_ia32_pause();
}

/// Asks for the cache line of an address, which need not exist.
static inline void tidemark_prefetch(const void *address) {
  __builtin_prefetch(address);
}

#endif
