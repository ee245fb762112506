import CJemalloc
import Threads

/// One jemalloc arena for each category.
///
/// jemalloc cannot destroy an arena cheaply and has only 4,095, so the arenas of a ledger that is
/// gone, which are empty since every block keeps its ledger alive, serve the next one.
///
/// Pages of freed blocks stay with their arena for the blocks of the next step, as long as jemalloc
/// keeps small ones, and go back to the system with the ledger. jemalloc would else return those of
/// blocks above 8 MiB at once, and a step would spend a tenth of its time on page faults. So a process
/// that frees in one category what it takes in another occupies more than what stands in its ledger.
struct ArenaSet: Sendable {
  /// Every block begins at a multiple of this: a cache line, and the widest vector.
  static let alignment = 64

  private let arenas: InlineArray<7, UInt32>

  private static let unused = Locked<[ArenaSet]>([])

  /// A set of empty arenas: one that is free again, or else a new one.
  static func take() throws(LedgerError) -> ArenaSet {
    if let set = unused.withLock({ $0.popLast() }) { return set }
    var arenas = InlineArray<7, UInt32>(repeating: 0)
    guard Jemalloc.isActive else { return ArenaSet(arenas: arenas) }
    for index in 0..<MemoryCategory.count {
      guard let arena = Jemalloc.createArena() else {
        // jemalloc says the same of both: that it cannot.
        throw Jemalloc.arenaCount < Jemalloc.mostArenas ? .outOfMemory : .noMoreArenas
      }
      Jemalloc.keepPagesOfLargeBlocks(arena: arena)
      arenas[index] = arena
      unsafe ArenaCategories.table[Int(arena)] = UInt8(index)
    }
    return ArenaSet(arenas: arenas)
  }

  /// Hands the arenas to the next ledger; all their blocks must have been freed.
  func giveBack() {
    releasePages()
    Self.unused.withLock { $0.append(self) }
  }

  /// Returns the pages of freed blocks to the system.
  func releasePages() {
    guard Jemalloc.isActive else { return }
    for category in MemoryCategory.allCases {
      Jemalloc.releasePages(arena: arena(of: category))
    }
  }

  /// The number of the arena of a category.
  func arena(of category: MemoryCategory) -> UInt32 {
    arenas[category.rawValue]
  }

  /// Takes a block from the arena of a category; nil if the system has no more memory.
  func allocate(
    byteCount: Int, category: MemoryCategory
  ) -> (address: UInt, usable: Int)? {
    // An empty block still needs an address of its own.
    let size = max(1, byteCount)
    guard Jemalloc.isActive else {
      var pointer: UnsafeMutableRawPointer?
      guard unsafe posix_memalign(&pointer, Self.alignment, size) == 0, let pointer = unsafe pointer
      else { return nil }
      return (UInt(bitPattern: pointer), size)
    }
    let flags = Self.flags | Int32((arena(of: category) + 1) << 20)
    guard let pointer = unsafe mallocx(size, flags) else { return nil }
    return unsafe (UInt(bitPattern: pointer), sallocx(pointer, flags))
  }

  /// Returns a block to the arena that it came from.
  func free(address: UInt) {
    let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address)
    if Jemalloc.isActive {
      unsafe dallocx(pointer, Self.flags)
    } else {
      unsafe CJemalloc.free(pointer)
    }
  }

  /// The bytes that a request occupies: rounded up to jemalloc's size class for its alignment, or
  /// as they are where another allocator serves.
  static func usableByteCount(forRequested byteCount: Int) -> Int {
    let size = max(1, byteCount)
    return Jemalloc.isActive ? nallocx(size, flags) : size
  }

  // MALLOCX_LG_ALIGN(6) | MALLOCX_TCACHE_NONE; Swift does not see these macros, nor
  // MALLOCX_ARENA(i), which is (i + 1) << 20. A thread cache would hide frees from the statistics.
  private static let flags: Int32 = 6 | (1 << 8)
}

/// Which category each of jemalloc's arenas serves, for those who watch allocations from outside.
package enum ArenaCategories {
  /// One element for each possible arena: a category's raw value, or 7 for no ledger's arena.
  package static nonisolated(unsafe) let table: UnsafeMutablePointer<UInt8> = {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 4_096)
    unsafe table.initialize(repeating: UInt8(MemoryCategory.count), count: 4_096)
    return unsafe table
  }()
}
