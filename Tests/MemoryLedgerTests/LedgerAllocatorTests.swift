import MemoryLedger
import Testing

/// Invariant I2: the ledger's usable bytes are what jemalloc itself says, by category.
@Suite(.enabled(if: Jemalloc.isActive, "another allocator serves, such as a sanitizer's"))
struct LedgerAllocatorTests {
  @Test func everyCategoryAgreesWithItsArena() throws {
    let ledger = try Ledger()
    var blocks = BlockList()
    let sizes = [0, 1, 63, 64, 100, 5_000, 65_568, 100_000, 4_194_304, 4_194_336, 20_000_000]
    for (index, size) in sizes.enumerated() {
      for category in MemoryCategory.allCases where (index + category.rawValue) % 3 != 0 {
        blocks.append(try ledger.allocate(byteCount: size, category: category))
      }
      let comparison = try #require(ledger.compareWithAllocator())
      #expect(comparison.agrees, "after blocks of \(size): \(comparison)")
    }
    blocks.removeEveryOther()
    let half = try #require(ledger.compareWithAllocator())
    #expect(half.agrees)
    #expect(half.allocator.total > 0)
    blocks.removeAll()
    let none = try #require(ledger.compareWithAllocator())
    #expect(none.agrees)
    #expect(none.allocator == CategoryBytes())
  }

  /// The size classes that were measured for jemalloc 5.3 at 64-byte alignment.
  @Test(arguments: [
    (100, 128), (5_000, 5_120), (100_000, 114_688), (20_000_000, 20_971_520),
    (52_428_800, 58_720_256), (4_194_304, 4_194_304), (4_194_336, 5_242_880), (65_568, 81_920),
  ])
  func usableBytesAreThoseOfTheSizeClass(requested: Int, usable: Int) throws {
    let ledger = try Ledger()
    let block = try ledger.allocate(byteCount: requested, category: .input)
    #expect(block.usableByteCount == usable)
    #expect(MemoryBlock.usableByteCount(forRequested: requested) == usable)
    #expect(ledger.usage.usableBytes.peak == usable)
    #expect(ledger.usage.bytes.peak == requested)
  }

  /// The thread's own monotone counter of jemalloc sees every allocation of this thread.
  ///
  /// Unoptimised code puts large results of generic calls on the heap, so this is about release.
  @Test(.enabled(if: isOptimized, "unoptimised code allocates temporaries"))
  func recordingAllocatesNothingButTheBlocks() throws {
    let ledger = try Ledger(ownerNames: ["a", "b"], eventCapacity: 16)
    // The first scope may allocate a watermark.
    _ = ledger.beginScope().end()
    let counter = try #require(ThreadCounter())
    let before = counter.allocatedBytes
    var usable = 0
    for round in 0..<100 {
      let scope = ledger.beginScope(watching: .step)
      ledger.setPhase("forward")
      let block = try ledger.allocate(
        byteCount: 1000 + round, category: .activations, owner: MemoryOwner(index: round % 2))
      usable += block.usableByteCount
      _ =
        ledger.current.total + ledger.usage(of: .input).bytes.current + scope.measurement.globalPeak
      _ = scope.end()
    }
    let after = counter.allocatedBytes
    #expect(Int(after - before) == usable)
    #expect(ledger.usage.usableBytes.total == usable)
  }

  @Test func arenasOfLedgersThatAreGoneServeNewOnes() throws {
    // Far more ledgers than jemalloc has arenas for.
    for _ in 0..<2_000 {
      let ledger = try Ledger()
      let block = try ledger.allocate(byteCount: 100, category: .input)
      #expect(block.usableByteCount == 128)
    }
  }
}

#if DEBUG
  private let isOptimized = false
#else
  private let isOptimized = true
#endif

@Suite struct MemoryBlockTests {
  @Test(arguments: [0, 1, 64, 1000, 70_000])
  func blocksAreAlignedAndWritable(byteCount: Int) throws {
    let ledger = try Ledger()
    let first = try ledger.allocate(byteCount: byteCount, category: .input)
    let second = try ledger.allocate(byteCount: byteCount, category: .input)
    #expect(UInt(bitPattern: unsafe first.pointer) % 64 == 0)
    #expect(unsafe first.pointer != second.pointer)
    unsafe first.pointer.initializeMemory(as: UInt8.self, repeating: 7, count: byteCount)
    unsafe second.pointer.initializeMemory(as: UInt8.self, repeating: 9, count: byteCount)
    #expect(
      unsafe UnsafeRawBufferPointer(start: first.pointer, count: byteCount).allSatisfy { $0 == 7 })
    #expect(first.usableByteCount >= byteCount)
    #expect(ledger.usage.blocks.current == 2)
    #expect(ledger.current[.input] == 2 * byteCount)
  }

  @Test func aBlockKeepsItsLedgerAlive() throws {
    weak var ledger: Ledger?
    do {
      let block: MemoryBlock
      do {
        let strong = try Ledger()
        ledger = strong
        block = try strong.allocate(byteCount: 10, category: .input)
      }
      #expect(ledger?.current.total == 10)
      #expect(block.byteCount == 10)
    }
    #expect(ledger == nil)
  }
}
