import MemoryLedger
import Testing

@Suite struct LedgerLimitTests {
  private let mebibyte = 1 << 20

  @Test func limitingVectorOfRMM() throws {
    let ledger = try Ledger(limits: MemoryLimits(total: 10 * mebibyte))
    var first: MemoryBlock? = try ledger.allocate(byteCount: 4 * mebibyte, category: .input)
    let second = try ledger.allocate(byteCount: 4 * mebibyte, category: .input)
    #expect(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 3 * mebibyte, category: .input)
    }
    #expect(ledger.current.total == 8 * mebibyte)
    drop(&first)
    let third = try ledger.allocate(byteCount: 6 * mebibyte, category: .input)
    #expect(ledger.current.total == 10 * mebibyte)
    #expect(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 1, category: .input)
    }
    #expect(second.byteCount + third.byteCount == 10 * mebibyte)
  }

  @Test func aLimitInsideALimit() throws {
    var limits = MemoryLimits(total: 5 * mebibyte)
    limits[.activations] = 2 * mebibyte
    let ledger = try Ledger(limits: limits)
    let error = try #require(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 4 * mebibyte, category: .activations)
    }
    #expect(error.cause == .categoryLimit(2 * mebibyte))
    #expect(error.excess == 2 * mebibyte)
    #expect(ledger.usage == MemoryUsage())
    #expect(ledger.usage(of: .activations) == MemoryUsage())
    let other = try ledger.allocate(byteCount: 4 * mebibyte, category: .transient)
    let totalError = try #require(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 2 * mebibyte, category: .activations)
    }
    #expect(totalError.cause == .totalLimit(5 * mebibyte))
    #expect(totalError.excess == mebibyte)
    #expect(other.byteCount == 4 * mebibyte)
  }

  @Test func limitsAreReadBack() {
    var limits = MemoryLimits(total: 7)
    #expect(limits[.input] == nil)
    limits[.input] = 3
    #expect(limits[.input] == 3)
    #expect(limits.total == 7)
    limits[.input] = nil
    #expect(limits[.input] == nil)
  }

  @Test func aHugeRequestIsRefusedWithoutOverflow() throws {
    let limited = try Ledger(limits: MemoryLimits(total: 1000))
    let block = try limited.allocate(byteCount: 10, category: .input)
    let error = try #require(throws: MemoryBudgetExceeded.self) {
      _ = try limited.allocate(byteCount: .max, category: .input)
    }
    #expect(error.cause == .totalLimit(1000))
    #expect(block.byteCount == 10)
  }

  @Test func whatTheSystemCannotGiveIsRefused() throws {
    try cancelWhereHugeRequestsAbort {
      let ledger = try Ledger()
      let error = try #require(throws: MemoryBudgetExceeded.self) {
        _ = try ledger.allocate(byteCount: .max / 2, category: .input)
      }
      #expect(error.cause == .outOfMemory)
      #expect(error.limit == nil)
      #expect(
        error.description.hasSuffix(
          "and the system has no more memory\n  category  current  peak  limit\n  total         0 B   0 B      -"
        ))
      #expect(ledger.usage == MemoryUsage())
    }
  }

  @Test func everyLineOfTheErrorIsRight() throws {
    var limits = MemoryLimits(total: 8 << 20)
    limits[.activations] = 5 << 20
    let ledger = try Ledger(ownerNames: ["conv1", "conv2", "linear"], limits: limits)
    ledger.setPhase("forward")
    let conv1 = MemoryOwner(index: 0)
    let conv2 = MemoryOwner(index: 1)
    var passing: MemoryBlock? = try ledger.allocate(
      byteCount: 1 << 20, category: .transient, owner: conv1)
    drop(&passing)
    let weights = try ledger.allocate(byteCount: 1000, category: .parameters, owner: conv1)
    let first = try ledger.allocate(byteCount: 3 << 20, category: .activations, owner: conv1)
    let second = try ledger.allocate(byteCount: 1 << 20, category: .activations, owner: conv2)
    let nobody = try ledger.allocate(byteCount: 24, category: .workspace)
    let error = try #require(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(
        byteCount: 1 << 21, category: .activations, owner: MemoryOwner(index: 2))
    }
    #expect(
      error.description.split(separator: "\n", omittingEmptySubsequences: false) == [
        "linear asked for 2.00 MiB (2,097,152 B) of activations during forward, 1.00 MiB "
          + "(1,048,576 B) too many: the limit of activations is 5.00 MiB (5,242,880 B), "
          + "4.00 MiB (4,194,304 B) stand, the peak was 4.00 MiB (4,194,304 B)",
        "  category         current         peak        limit",
        "  parameters       1,000 B      1,000 B            -",
        "  activations  4,194,304 B  4,194,304 B  5,242,880 B",
        "  transient            0 B  1,048,576 B            -",
        "  workspace           24 B         24 B            -",
        "  total        4,195,328 B  4,195,328 B  8,388,608 B",
        "  top owners          bytes  of which",
        "  conv1         3,146,728 B  parameters 1,000 B, activations 3,145,728 B",
        "  conv2         1,048,576 B  activations",
        "  unattributed         24 B  workspace",
      ])
    #expect(error.requestedBytes == 1 << 21)
    #expect(error.ownerName == "linear")
    #expect(error.phase == "forward")
    #expect(weights.byteCount + first.byteCount + second.byteCount + nobody.byteCount > 0)
  }

  @Test func onlyTheLargestOwnersAreNamed() throws {
    let ledger = try Ledger(
      ownerNames: (0..<13).map { "layer\($0)" }, limits: MemoryLimits(total: 1000))
    var blocks = BlockList()
    for index in 0..<13 {
      blocks.append(
        try ledger.allocate(
          byteCount: 10 + index, category: .input, owner: MemoryOwner(index: index)))
    }
    let error = try #require(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 1000, category: .input)
    }
    let lines = error.description.split(separator: "\n")
    #expect(lines.last == "  and 3 more   33 B")
    #expect(lines.count == 1 + 3 + 1 + 10 + 1)
    #expect(error.owners.count == 13)
    blocks.removeAll()
  }

  @Test func theChosenRequestFails() throws {
    let ledger = try Ledger()
    ledger.failAllocation(after: 2)
    let first = try ledger.allocate(byteCount: 8, category: .input)
    let error = try #require(throws: MemoryBudgetExceeded.self) {
      _ = try ledger.allocate(byteCount: 8, category: .input)
    }
    #expect(error.cause == .injected)
    let third = try ledger.allocate(byteCount: 8, category: .input)
    #expect(ledger.usage.blocks.total == 2)
    #expect(first.byteCount == third.byteCount)
  }
}

/// The address sanitizer's allocator ends the process when asked for too much, instead of refusing.
private func cancelWhereHugeRequestsAbort(_ body: () throws -> Void) throws {
  guard Jemalloc.isActive else {
    try Test.cancel("jemalloc does not serve: the sanitizer's allocator aborts on huge requests")
  }
  try body()
}
