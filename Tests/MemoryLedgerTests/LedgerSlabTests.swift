import MemoryLedger
import Testing

@Suite struct LedgerSlabTests {
  @Test func blocksOfASlabAreCountedAsOthersAre() throws {
    let ledger = try Ledger(ownerNames: ["a"])
    do {
      let slab = try ledger.allocateSlab(byteCount: 1000, category: .activations)
      #expect(ledger.current.total == 0)
      let usable = ledger.usage.usableBytes.current
      #expect(usable == slab.usableByteCount && usable >= 1000)
      let first = try ledger.allocate(
        byteCount: 100, at: 64, in: slab, category: .transient, owner: MemoryOwner(index: 0))
      let second = try ledger.allocate(
        byteCount: 64, at: 192, in: slab, category: .workspace)
      #expect(unsafe second.pointer - first.pointer == 128)
      #expect(ledger.current[.transient] == 100 && ledger.current[.workspace] == 64)
      #expect(ledger.usage.usableBytes.current == usable)
      if Jemalloc.isActive {
        let comparison = try #require(ledger.compareWithAllocator())
        #expect(comparison.agrees)
      }
      _ = consume first
      _ = consume second
    }
    #expect(ledger.current.total == 0)
    #expect(ledger.usage.usableBytes.current == 0)
  }

  @Test func limitsHoldInASlab() throws {
    let ledger = try Ledger(limits: MemoryLimits(total: 100))
    let slab = try ledger.allocateSlab(byteCount: 4096, category: .activations)
    let block = try ledger.allocate(byteCount: 100, at: 0, in: slab, category: .transient)
    #expect(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 1, at: 128, in: slab, category: .transient)
    }
    #expect(ledger.current.total == block.byteCount)
  }
}
