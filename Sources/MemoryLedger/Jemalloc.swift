import CJemalloc

/// What the process's allocator says about itself.
public enum Jemalloc {
  /// Whether jemalloc serves every allocation of this process.
  ///
  /// It does when it is linked, except under the address sanitizer, whose own allocator comes first.
  /// Then ledgers still count requested bytes exactly, but their blocks come from that allocator, so
  /// that it can watch them, and nothing confirms usable bytes.
  public static let isActive: Bool = {
    guard let counter = ThreadCounter() else { return false }
    let before = counter.allocatedBytes
    // Not `malloc`: an optimiser may drop a pair of malloc and free.
    var probe: UnsafeMutableRawPointer?
    unsafe posix_memalign(&probe, 16, 1 << 16)
    unsafe free(probe)
    let after = counter.allocatedBytes
    return after >= before + 1 << 16
  }()

  /// Bytes that an arena's blocks take, rounded up to size classes; fresh after ``refresh()``.
  package static func allocatedBytes(arena: UInt32) -> Int? {
    var small = 0
    var large = 0
    guard
      read("stats.arenas.\(arena).small.allocated", into: &small),
      read("stats.arenas.\(arena).large.allocated", into: &large)
    else { return nil }
    return small + large
  }

  /// Makes the statistics current: jemalloc serves them from a copy of its own.
  package static func refresh() {
    var epoch: UInt64 = 1
    unsafe mallctl("epoch", nil, nil, &epoch, MemoryLayout<UInt64>.size)
  }

  /// Bytes of pages that an arena keeps though no block lies in them; fresh after ``refresh()``.
  package static func keptBytes(arena: UInt32) -> Int? {
    var pages = 0
    var pageSize = 0
    guard
      read("stats.arenas.\(arena).pdirty", into: &pages), read("arenas.page", into: &pageSize)
    else { return nil }
    return pages * pageSize
  }

  /// Treats an arena's large blocks as its others: their pages stay for a while after they are freed.
  static func keepPagesOfLargeBlocks(arena: UInt32) {
    var threshold = Int.max
    // Only speed depends on it, so a version of jemalloc that refuses is no error.
    _ = unsafe mallctl(
      "arena.\(arena).oversize_threshold", nil, nil, &threshold, MemoryLayout<Int>.size)
  }

  /// Returns the pages that an arena keeps to the system.
  static func releasePages(arena: UInt32) {
    _ = unsafe mallctl("arena.\(arena).purge", nil, nil, nil, 0)
  }

  /// The most arenas that jemalloc can tell apart: `MALLOCX_ARENA_LIMIT` in its sources.
  static let mostArenas = 4095

  /// How many arenas there are; 0 if jemalloc does not tell.
  static var arenaCount: Int {
    var count: UInt32 = 0
    return read("arenas.narenas", into: &count) ? Int(count) : 0
  }

  /// Creates an arena; nil if jemalloc has no more, or no memory for one.
  static func createArena() -> UInt32? {
    var arena: UInt32 = 0
    return read("arenas.create", into: &arena) ? arena : nil
  }

  fileprivate static func read<Value: BitwiseCopyable>(_ name: String, into value: inout Value)
    -> Bool
  {
    var size = MemoryLayout<Value>.size
    return unsafe mallctl(name, &value, &size, nil, 0) == 0 && size == MemoryLayout<Value>.size
  }
}

/// jemalloc's own count of all that one thread ever allocated, which reads without a call.
@safe
package struct ThreadCounter {
  private let counter: UnsafePointer<UInt64>

  /// The counter of the calling thread, to be read only on this thread; nil without statistics.
  package init?() {
    var address: UInt = 0
    guard Jemalloc.read("thread.allocatedp", into: &address),
      let pointer = unsafe UnsafePointer<UInt64>(bitPattern: address)
    else { return nil }
    unsafe counter = pointer
  }

  /// Usable bytes, freed since or not.
  package var allocatedBytes: UInt64 { unsafe counter.pointee }
}
