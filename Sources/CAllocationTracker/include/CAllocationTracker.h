#ifndef TIDEMARK_ALLOCATION_TRACKER_H
#define TIDEMARK_ALLOCATION_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The classes that bytes are told apart by: the ledger's seven categories, then everything else.
enum { TIDEMARK_CLASS_COUNT = 8, TIDEMARK_OTHER_CLASS = 7 };

/// How many measurements can be under way at once.
enum { TIDEMARK_SLOT_COUNT = 64 };

/// What one measurement saw: requested bytes of blocks that were allocated since it began.
typedef struct {
  /// Whether anything was counted at all: jemalloc may refuse.
  bool was_started;
  size_t current;
  size_t peak;
  size_t usable_current;
  size_t usable_peak;
  size_t block_count;
  size_t byte_count;
  /// What all threads and tasks allocated meanwhile, this measurement's own included.
  size_t process_byte_count;
  size_t class_current[TIDEMARK_CLASS_COUNT];
  size_t class_peak[TIDEMARK_CLASS_COUNT];
  size_t class_at_peak[TIDEMARK_CLASS_COUNT];
} tidemark_tally;

/// Whether jemalloc offers the hooks that the tracker needs. Installs and removes them once.
bool tidemark_tracker_is_available(void);

/// Prepares a measurement; returns its token, or -1 if too many are under way.
///
/// `parent` is the token of the measurement within which this one runs, or -1. A measurement of the
/// whole process counts the blocks of every thread; another one those of the tasks whose task-local
/// value, found by `task_local_key`, is its token or that of a measurement within it.
/// `category_of_arena` has a class for each of jemalloc's 4,096 arenas.
int64_t tidemark_tracker_prepare(
    int64_t parent, bool whole_process, const void *task_local_key,
    const uint8_t *category_of_arena);

/// Begins to count.
void tidemark_tracker_start(int64_t token);

/// Ends a measurement, whether it was started or not, and says what it saw.
void tidemark_tracker_end(int64_t token, tidemark_tally *tally);

/// Stops and resumes counting what the calling thread allocates; calls nest.
void tidemark_tracker_pause(bool pause);

#endif
