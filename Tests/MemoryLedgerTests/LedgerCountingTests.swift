import MemoryLedger
import Testing

/// Counters against the vectors that RMM, Arrow and dhat publish for theirs.
@Suite struct LedgerCountingTests {
  private let mebibyte = 1 << 20

  @Test func statisticsVectorOfRMM() throws {
    let ledger = try Ledger()
    var blocks = BlockList()
    for _ in 0..<10 {
      blocks.append(try ledger.allocate(byteCount: 10 * mebibyte, category: .activations))
    }
    blocks.removeEveryOther()
    #expect(
      ledger.usage.bytes
        == MemoryCounter(current: 50 * mebibyte, peak: 100 * mebibyte, total: 100 * mebibyte))
    #expect(ledger.usage.blocks == MemoryCounter(current: 5, peak: 10, total: 10))

    for _ in 0..<10 {
      blocks.append(try ledger.allocate(byteCount: 10 * mebibyte, category: .activations))
    }
    blocks.removeAll()
    #expect(
      ledger.usage.bytes
        == MemoryCounter(current: 0, peak: 150 * mebibyte, total: 200 * mebibyte))
    #expect(ledger.usage.blocks == MemoryCounter(current: 0, peak: 15, total: 20))
    #expect(ledger.usage(of: .activations) == ledger.usage)
    #expect(ledger.usage(of: .transient) == MemoryUsage())
  }

  @Test func capVectorOfArrow() throws {
    let ledger = try Ledger(limits: MemoryLimits(total: 1000))
    let standing = try ledger.allocate(byteCount: 600, category: .parameters)
    var other: MemoryBlock? = try ledger.allocate(byteCount: 400, category: .input)
    #expect(ledger.peakTotal == 1000)
    drop(&other)
    other = try ledger.allocate(byteCount: 300, category: .input)
    drop(&other)
    #expect(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 401, category: .input)
    }
    #expect(ledger.usage.bytes == MemoryCounter(current: 600, peak: 1000, total: 1300))
    #expect(standing.byteCount == 600)
  }

  @Test func heapVectorOfDhat() throws {
    let ledger = try Ledger()
    var first: MemoryBlock? = try ledger.allocate(byteCount: 16, category: .transient)
    var second: MemoryBlock? = try ledger.allocate(byteCount: 16, category: .transient)
    drop(&first)
    drop(&second)
    let third = try ledger.allocate(byteCount: 16, category: .transient)
    #expect(ledger.usage.blocks == MemoryCounter(current: 1, peak: 2, total: 3))
    #expect(ledger.usage.bytes == MemoryCounter(current: 16, peak: 32, total: 48))
    #expect(third.byteCount == 16)
  }

  @Test func bytesAreToldByCategoryAndOwner() throws {
    let ledger = try Ledger(ownerNames: ["conv1", "conv2"])
    let conv1 = MemoryOwner(index: 0)
    let conv2 = MemoryOwner(index: 1)
    let weights = try ledger.allocate(byteCount: 100, category: .parameters, owner: conv1)
    let kept = try ledger.allocate(byteCount: 200, category: .activations, owner: conv1)
    let other = try ledger.allocate(byteCount: 400, category: .activations, owner: conv2)
    let nobody = try ledger.allocate(byteCount: 5, category: .workspace)

    var expected = CategoryBytes()
    expected[.parameters] = 100
    expected[.activations] = 600
    expected[.workspace] = 5
    #expect(ledger.current == expected)
    #expect(ledger.peaks == expected)
    #expect(ledger.usage(of: conv1).bytes.current == 300)
    #expect(ledger.usage(of: conv2).blocks.current == 1)
    #expect(ledger.usage(of: .unattributed).bytes.current == 5)

    let standing = ledger.standing
    #expect(standing.byCategory == expected)
    #expect(standing.owners.map(\.name) == ["conv2", "conv1", "unattributed"])
    #expect(standing.owners.map(\.bytes.total) == [400, 300, 5])
    #expect(standing.owners[1].bytes[.parameters] == 100)
    #expect(weights.owner == conv1 && kept.category == .activations)
    #expect(other.byteCount + nobody.byteCount == 405)
  }

  @Test func peaksOfCategoriesAreEachAtTheirOwnMoment() throws {
    let ledger = try Ledger()
    var block: MemoryBlock? = try ledger.allocate(byteCount: 70, category: .activations)
    drop(&block)
    block = try ledger.allocate(byteCount: 50, category: .transient)
    drop(&block)
    #expect(ledger.peaks[.activations] == 70)
    #expect(ledger.peaks[.transient] == 50)
    #expect(ledger.peakTotal == 70)
    #expect(ledger.current == CategoryBytes())
  }

  @Test func whatStoodAtThePeakIsKept() throws {
    let ledger = try Ledger(ownerNames: ["a", "b"])
    let first = try ledger.allocate(
      byteCount: 100, category: .parameters, owner: MemoryOwner(index: 0))
    var second: MemoryBlock? = try ledger.allocate(
      byteCount: 900, category: .activations, owner: MemoryOwner(index: 1))
    // The total is at its peak still: read from the table that stands.
    #expect(ledger.standingAtPeak == ledger.standing)
    let atPeak = ledger.standing
    drop(&second)
    #expect(ledger.standingAtPeak == atPeak)
    // As high as before is not a new peak.
    second = try ledger.allocate(byteCount: 900, category: .input, owner: MemoryOwner(index: 0))
    #expect(ledger.standingAtPeak == atPeak)
    // A byte more is.
    let last = try ledger.allocate(byteCount: 1, category: .input, owner: MemoryOwner(index: 1))
    #expect(ledger.standingAtPeak.byCategory[.input] == 901)
    #expect(ledger.standingAtPeak.byCategory[.activations] == 0)
    drop(&second)
    #expect(ledger.standingAtPeak.owners.map(\.bytes.total) == [1000, 1])
    #expect(first.byteCount + last.byteCount == 101)
  }

  @Test func aLedgerThatDoesNotRecordStillServes() throws {
    let ledger = try Ledger(
      ownerNames: [], limits: MemoryLimits(), eventCapacity: 0, isRecording: false)
    let block = try ledger.allocate(byteCount: 1000, category: .input)
    #expect(block.byteCount == 1000)
    #expect(ledger.usage == MemoryUsage())
  }
}
