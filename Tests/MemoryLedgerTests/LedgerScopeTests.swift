import MemoryLedger
import Testing

@Suite struct LedgerScopeTests {
  @Test func nestedVectorOfRMM() throws {
    let ledger = try Ledger()
    var first: MemoryBlock? = try ledger.allocate(byteCount: 10, category: .transient)
    let outer = ledger.beginScope()
    var second: MemoryBlock? = try ledger.allocate(byteCount: 10, category: .transient)
    let inner = ledger.beginScope()
    var third: MemoryBlock? = try ledger.allocate(byteCount: 10, category: .transient)
    drop(&third)
    let innerResult = inner.end()
    #expect(innerResult.change.total == 0)
    #expect(innerResult.scopePeak == 10)
    #expect(innerResult.globalPeak == 30)
    #expect(innerResult.blocks == MemoryCounter(current: 0, peak: 1, total: 1))

    drop(&first)
    let outerResult = outer.end()
    #expect(outerResult.change.total == 0)
    #expect(outerResult.scopePeak == 20)
    #expect(outerResult.globalPeak == 30)
    #expect(outerResult.allocated[.transient] == 20)
    #expect(outerResult.blocks == MemoryCounter(current: 0, peak: 2, total: 2))
    drop(&second)
    #expect(ledger.current.total == 0)
  }

  @Test func aScopeThatOnlyFreesEndsBelowZero() throws {
    let ledger = try Ledger()
    var block: MemoryBlock? = try ledger.allocate(byteCount: 100, category: .input)
    let (_, measured) = ledger.measure { drop(&block) }
    #expect(measured.change[.input] == -100)
    #expect(measured.scopePeak == 0)
    #expect(measured.globalPeak == 100)
  }

  @Test func globalPeakCountsWhatStoodBeforeAndScopePeakDoesNot() throws {
    let ledger = try Ledger()
    let before = try ledger.allocate(byteCount: 1000, category: .parameters)
    let (kept, measured) = try ledger.measure {
      var passing: MemoryBlock? = try ledger.allocate(byteCount: 300, category: .workspace)
      drop(&passing)
      return try ledger.allocate(byteCount: 200, category: .activations).byteCount
    }
    #expect(kept == 200)
    #expect(measured.globalPeak == 1300)
    #expect(measured.scopePeak == 300)
    #expect(measured.globalPeaks[.parameters] == 1000)
    #expect(measured.scopePeaks[.parameters] == 0)
    #expect(measured.scopePeaks[.activations] == 200)
    #expect(measured.allocated.total == 500)
    #expect(measured.usableGlobalPeak - measured.baselineUsable == measured.usableScopePeak)
    #expect(
      measured.usableScopePeak
        == max(
          MemoryBlock.usableByteCount(forRequested: 300),
          MemoryBlock.usableByteCount(forRequested: 200)))
    #expect(before.byteCount == 1000)
  }

  @Test func theJointPeakOfSomeCategoriesIsNotTheSumOfTheirPeaks() throws {
    let ledger = try Ledger(ownerNames: ["early", "late"])
    let scope = ledger.beginScope(watching: .step)
    var block: MemoryBlock? = try ledger.allocate(
      byteCount: 50, category: .activations, owner: MemoryOwner(index: 0))
    // Not watched, and it comes after the first joint peak: what stood there must not show it.
    let parameters = try ledger.allocate(byteCount: 500, category: .parameters)
    #expect(scope.standingAtPeak.byCategory.total == 50)
    drop(&block)
    block = try ledger.allocate(
      byteCount: 70, category: .workspace, owner: MemoryOwner(index: 1))
    drop(&block)
    #expect(scope.measurement.watchedGlobalPeak == 70)
    #expect(scope.measurement.globalPeaks.sum(of: .step) == 120)
    #expect(scope.measurement.globalPeak == 570)
    #expect(scope.standingAtPeak.owners.map(\.name) == ["unattributed", "late"])
    #expect(parameters.byteCount == 500)
  }

  @Test func scopesMayOverlap() throws {
    let ledger = try Ledger()
    let first = ledger.beginScope()
    var block: MemoryBlock? = try ledger.allocate(byteCount: 10, category: .input)
    let second = ledger.beginScope()
    drop(&block)
    #expect(first.end().scopePeak == 10)
    block = try ledger.allocate(byteCount: 25, category: .input)
    drop(&block)
    let measured = second.end()
    #expect(measured.scopePeak == 15)
    #expect(measured.globalPeak == 25)
  }

  @Test func aForgottenScopeEndsByItself() throws {
    let ledger = try Ledger()
    do {
      _ = ledger.beginScope()
    }
    // The place of the forgotten scope is free again, so this one starts from nothing.
    let scope = ledger.beginScope()
    #expect(scope.end() == (try Ledger()).beginScope().end())
  }

  @Test func measuringPassesErrorsOn() throws {
    struct Failure: Error {}
    let ledger = try Ledger()
    #expect(throws: Failure.self) {
      try ledger.measure { throw Failure() }
    }
  }
}
