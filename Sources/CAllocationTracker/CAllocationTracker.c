// Counts, to the byte, what tasks or the whole process allocate, by means of jemalloc's hooks.
//
// The hooks see every allocation with the size that was asked for, and every free before it happens.
// A table from address to size tells what a freed block had been, so that blocks that are older than
// a measurement never count, whoever frees them. Nothing here calls malloc: the table comes from
// mmap, and jemalloc does not call a hook from within a hook.

#include "CAllocationTracker.h"

#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

// MARK: - jemalloc's hooks, as its internal header hook.h declares them in 5.3

enum {
  hook_alloc_malloc,
  hook_alloc_posix_memalign,
  hook_alloc_aligned_alloc,
  hook_alloc_calloc,
  hook_alloc_memalign,
  hook_alloc_valloc,
  hook_alloc_mallocx,
  hook_alloc_realloc,
  hook_alloc_rallocx,
};

typedef struct {
  void (*alloc)(void *extra, int type, void *result, uintptr_t raw, uintptr_t args[3]);
  void (*dalloc)(void *extra, int type, void *address, uintptr_t args[3]);
  void (*expand)(
      void *extra, int type, void *address, size_t old_usable, size_t new_usable, uintptr_t raw,
      uintptr_t args[4]);
  void *extra;
} jemalloc_hooks;

// Swift's runtime: where the current task, or else thread, keeps the value of a task-local; NULL if
// it has none. Never allocates.
__attribute__((swiftcall)) void *swift_task_localValueGet(const void *key);

// MARK: - State, guarded by one mutex

typedef struct {
  uintptr_t address;
  size_t size;
  uint64_t usable : 56;
  uint64_t class : 8;
  uint64_t slots;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static tidemark_tally tallies[TIDEMARK_SLOT_COUNT];
// The measurements that each one counts for: itself and those around it.
static uint64_t chains[TIDEMARK_SLOT_COUNT];
// A token is generation * TIDEMARK_SLOT_COUNT + slot, so that a task that outlives its measurement
// does not count for the next one in the same slot.
static int64_t tokens[TIDEMARK_SLOT_COUNT];
static int64_t generation;
static uint64_t taken_slots;
static uint64_t active_slots;
static uint64_t process_slots;
static size_t process_byte_count;
static const void *task_local_key;
static const uint8_t *category_of_arena;
static void *hook_handle;

static entry *table;
static size_t table_capacity;
static size_t table_count;

static __thread int pause_depth;

// MARK: - Table: open addressing with linear probing, at most half full

static size_t home(uintptr_t address) {
  return (size_t)((address >> 3) * 0x9E3779B97F4A7C15u) & (table_capacity - 1);
}

static entry *find(uintptr_t address) {
  if (table_count == 0) return NULL;
  for (size_t i = home(address); table[i].address != 0; i = (i + 1) & (table_capacity - 1)) {
    if (table[i].address == address) return &table[i];
  }
  return NULL;
}

static void place(entry value) {
  size_t i = home(value.address);
  while (table[i].address != 0) i = (i + 1) & (table_capacity - 1);
  table[i] = value;
  table_count += 1;
}

/// Makes room for one more entry; false if the system has no memory.
static bool reserve(void) {
  if (2 * (table_count + 1) <= table_capacity) return true;
  size_t capacity = table_capacity == 0 ? 1 << 14 : 2 * table_capacity;
  entry *fresh = mmap(
      NULL, capacity * sizeof(entry), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (fresh == MAP_FAILED) return false;
  entry *old = table;
  size_t old_capacity = table_capacity;
  table = fresh;
  table_capacity = capacity;
  table_count = 0;
  for (size_t i = 0; i < old_capacity; i++) {
    if (old[i].address != 0) place(old[i]);
  }
  if (old) munmap(old, old_capacity * sizeof(entry));
  return true;
}

/// Takes an entry out and closes the gap, so that later ones are still found.
static void erase(entry *found) {
  size_t mask = table_capacity - 1;
  size_t gap = (size_t)(found - table);
  for (size_t i = (gap + 1) & mask; table[i].address != 0; i = (i + 1) & mask) {
    size_t wanted = home(table[i].address);
    // An entry may move back only as far as its own home.
    if (((i - wanted) & mask) >= ((i - gap) & mask)) {
      table[gap] = table[i];
      gap = i;
    }
  }
  table[gap].address = 0;
  table_count -= 1;
}

// MARK: - Counting, under the mutex

static void count(entry value) {
  for (uint64_t left = value.slots; left != 0; left &= left - 1) {
    tidemark_tally *tally = &tallies[__builtin_ctzll(left)];
    tally->current += value.size;
    tally->usable_current += value.usable;
    tally->byte_count += value.size;
    tally->block_count += 1;
    size_t *of_class = &tally->class_current[value.class];
    *of_class += value.size;
    if (*of_class > tally->class_peak[value.class]) tally->class_peak[value.class] = *of_class;
    if (tally->usable_current > tally->usable_peak) tally->usable_peak = tally->usable_current;
    if (tally->current > tally->peak) {
      tally->peak = tally->current;
      memcpy(tally->class_at_peak, tally->class_current, sizeof tally->class_current);
    }
  }
  if (value.slots != 0 && reserve()) place(value);
}

static void uncount(uintptr_t address) {
  entry *found = find(address);
  if (!found) return;
  for (uint64_t left = found->slots & active_slots; left != 0; left &= left - 1) {
    tidemark_tally *tally = &tallies[__builtin_ctzll(left)];
    tally->current -= found->size;
    tally->usable_current -= found->usable;
    tally->class_current[found->class] -= found->size;
  }
  erase(found);
}

/// The measurements that a block counts for which a task with this token allocates.
static uint64_t slots_of(int64_t token) {
  if (token < 0) return process_slots & active_slots;
  int slot = (int)(token % TIDEMARK_SLOT_COUNT);
  return ((tokens[slot] == token ? chains[slot] : 0) | process_slots) & active_slots;
}

static void replace(uintptr_t old_address, void *result, size_t size, int flags) {
  // The arena is given in the flags as (number + 1) << 20, if it is given.
  unsigned arena = (unsigned)flags >> 20;
  entry value = {
    .address = (uintptr_t)result,
    .size = size,
    .usable = sallocx(result, 0),
    .class = arena == 0 ? TIDEMARK_OTHER_CLASS : category_of_arena[arena - 1],
  };
  const int64_t *token = swift_task_localValueGet(task_local_key);
  pthread_mutex_lock(&mutex);
  process_byte_count += size;
  value.slots = slots_of(token == NULL ? -1 : *token);
  if (old_address != 0) uncount(old_address);
  count(value);
  pthread_mutex_unlock(&mutex);
}

// MARK: - Hooks

static void did_allocate(void *extra, int type, void *result, uintptr_t raw, uintptr_t args[3]) {
  (void)extra;
  (void)raw;
  if (result == NULL || pause_depth > 0) return;
  uintptr_t old_address = 0;
  size_t size = args[0];
  int flags = 0;
  switch (type) {
  case hook_alloc_posix_memalign: size = args[2]; break;
  case hook_alloc_aligned_alloc:
  case hook_alloc_memalign: size = args[1]; break;
  case hook_alloc_calloc: size = args[0] * args[1]; break;
  case hook_alloc_mallocx: flags = (int)args[1]; break;
  // A block that grows has its new size from now on, whether it could stay in its place or not:
  // the peak must not depend on what happens to lie behind it.
  case hook_alloc_realloc:
    old_address = args[0];
    size = args[1];
    break;
  case hook_alloc_rallocx:
    old_address = args[0];
    size = args[1];
    flags = (int)args[2];
    break;
  default: break;
  }
  replace(old_address, result, size, flags);
}

static void will_free(void *extra, int type, void *address, uintptr_t args[3]) {
  (void)extra;
  (void)type;
  (void)args;
  pthread_mutex_lock(&mutex);
  uncount((uintptr_t)address);
  pthread_mutex_unlock(&mutex);
}

static void did_resize(
    void *extra, int type, void *address, size_t old_usable, size_t new_usable, uintptr_t raw,
    uintptr_t args[4]) {
  (void)extra;
  (void)type;
  (void)old_usable;
  (void)raw;
  if (pause_depth > 0) return;
  size_t size = args[1] < new_usable ? args[1] : new_usable;
  replace((uintptr_t)address, address, size, 0);
}

static bool install(void) {
  jemalloc_hooks hooks = {did_allocate, will_free, did_resize, NULL};
  size_t size = sizeof hook_handle;
  return mallctl("experimental.hooks.install", &hook_handle, &size, &hooks, sizeof hooks) == 0;
}

static void uninstall(void) {
  mallctl("experimental.hooks.remove", NULL, NULL, &hook_handle, sizeof hook_handle);
}

// MARK: - Interface

// Guards the installation, which must not happen under the mutex that the hooks take.
static pthread_mutex_t installation = PTHREAD_MUTEX_INITIALIZER;

bool tidemark_tracker_is_available(void) {
  pthread_mutex_lock(&installation);
  bool available = active_slots != 0;
  if (!available && install()) {
    available = true;
    uninstall();
  }
  pthread_mutex_unlock(&installation);
  return available;
}

int64_t tidemark_tracker_prepare(
    int64_t parent, bool whole_process, const void *key, const uint8_t *categories) {
  int64_t token = -1;
  pthread_mutex_lock(&mutex);
  uint64_t free_slots = ~taken_slots;
  if (free_slots != 0) {
    int slot = __builtin_ctzll(free_slots);
    uint64_t bit = (uint64_t)1 << slot;
    generation += 1;
    token = generation * TIDEMARK_SLOT_COUNT + slot;
    tokens[slot] = token;
    int parent_slot = parent < 0 ? -1 : (int)(parent % TIDEMARK_SLOT_COUNT);
    bool has_parent = parent_slot >= 0 && tokens[parent_slot] == parent;
    chains[slot] = bit | (has_parent ? chains[parent_slot] : 0);
    taken_slots |= bit;
    if (whole_process) process_slots |= bit;
    task_local_key = key;
    category_of_arena = categories;
  }
  pthread_mutex_unlock(&mutex);
  return token;
}

void tidemark_tracker_start(int64_t token) {
  int slot = (int)(token % TIDEMARK_SLOT_COUNT);
  pthread_mutex_lock(&installation);
  bool started = active_slots != 0 || install();
  pthread_mutex_lock(&mutex);
  memset(&tallies[slot], 0, sizeof tallies[slot]);
  tallies[slot].was_started = started;
  tallies[slot].process_byte_count = process_byte_count;
  if (started) active_slots |= (uint64_t)1 << slot;
  pthread_mutex_unlock(&mutex);
  pthread_mutex_unlock(&installation);
}

void tidemark_tracker_end(int64_t token, tidemark_tally *tally) {
  int slot = (int)(token % TIDEMARK_SLOT_COUNT);
  uint64_t bit = (uint64_t)1 << slot;
  pthread_mutex_lock(&installation);
  pthread_mutex_lock(&mutex);
  *tally = tallies[slot];
  tally->process_byte_count = process_byte_count - tally->process_byte_count;
  bool was_last = active_slots == bit;
  active_slots &= ~bit;
  process_slots &= ~bit;
  taken_slots &= ~bit;
  tokens[slot] = -1;
  // The slot will be given again, so nothing may still bear it.
  for (int i = 0; i < TIDEMARK_SLOT_COUNT; i++) chains[i] &= ~bit;
  if (was_last) {
    if (table) munmap(table, table_capacity * sizeof(entry));
    table = NULL;
    table_capacity = 0;
    table_count = 0;
  } else {
    for (size_t i = 0; i < table_capacity; i++) table[i].slots &= ~bit;
  }
  pthread_mutex_unlock(&mutex);
  if (was_last) uninstall();
  pthread_mutex_unlock(&installation);
}

void tidemark_tracker_pause(bool pause) {
  pause_depth += pause ? 1 : -1;
}
