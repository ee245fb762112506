import Testing

@testable import MemoryLedger

/// What becomes of the pages of freed blocks.
@Suite(.enabled(if: Jemalloc.isActive, "another allocator serves, such as a sanitizer's"))
struct LedgerPagesTests {
  /// A step that frees a large block finds its pages again in the next one.
  @Test func pagesOfLargeBlocksStayUntilTheyAreReleased() throws {
    let ledger = try Ledger()
    let byteCount = 20_000_000
    let block = try ledger.allocate(byteCount: byteCount, category: .activations)
    _ = consume block
    #expect(try kept(by: ledger) >= byteCount)
    // The ledger counts blocks, not pages.
    #expect(ledger.current.total == 0)
    #expect(try #require(ledger.compareWithAllocator()).allocator == CategoryBytes())
    ledger.arenas.releasePages()
    #expect(try kept(by: ledger) == 0)
  }

  private func kept(by ledger: Ledger) throws -> Int {
    Jemalloc.refresh()
    return try #require(Jemalloc.keptBytes(arena: ledger.arenas.arena(of: .activations)))
  }
}
