import MemoryBudgets
import MemoryLedger
import Testing
import TidemarkTesting
import TidemarkXCTest

/// Budgets of Tidemark's categories; these hold under sanitizers too.
@Suite struct CategoryBudgetTests {
  @Test func exactlyTheLimitPassesAndAByteLessFails() throws {
    let ledger = try Ledger(ownerNames: ["conv1", "conv2"])
    let standing = try ledger.allocate(byteCount: 50, category: .parameters)
    try expectPeakMemory(.activations, atMost: .bytes(3000)) { try step(ledger) }
    let line = #line + 2
    try withKnownIssue {
      try expectPeakMemory(.activations, atMost: .bytes(2999)) { try step(ledger) }
    } matching: { issue in
      issue.sourceLocation?.line == line && issue.sourceLocation?.fileID == #fileID
        && issue.comments.map(\.rawValue) == [
          """
          memory budget: activations peaked at 2.93 KiB (3,000 B), 1 B over the limit of \
          2.93 KiB (2,999 B)
            category     at the peak  highest
            parameters          50 B     50 B
            activations      3,000 B  3,000 B
            workspace            0 B  7,000 B
            top owners    bytes  of which
            conv2       2,000 B  activations
            conv1       1,000 B  activations
          """
        ]
    }
    #expect(standing.byteCount == 50)
  }

  @Test func whatStoodBeforeInAUsedLedgerCounts() throws {
    let ledger = try Ledger()
    let before = try ledger.allocate(byteCount: 900, category: .parameters)
    let report = try report(of: .ledgers) {
      let block = try ledger.allocate(byteCount: 100, category: .input)
      #expect(block.byteCount == 100)
    }
    #expect(report.peak.bytes == 1000)
    #expect(before.byteCount == 900)
  }

  @Test func theJointPeakOfTwoLedgersIsNotTheSumOfTheirPeaks() throws {
    let first = try Ledger(ownerNames: ["a"])
    let second = try Ledger(ownerNames: ["b"])
    let report = try report(of: .step) {
      var block: MemoryBlock? = try first.allocate(byteCount: 500, category: .activations)
      _ = block.take()
      block = try second.allocate(byteCount: 400, category: .workspace)
      let other = try first.allocate(byteCount: 50, category: .transient)
      #expect(other.byteCount == 50)
      _ = block.take()
    }
    #expect(report.peak.bytes == 500)
    #expect(report.rows.map(\.highest) == [500, 50, 400])
    #expect(report.rows.map(\.atPeak) == [500, 0, 0])
  }

  @Test func aBodyThatUsesNoLedgerIsRefused() throws {
    let other = try Ledger()
    withKnownIssue {
      expectPeakMemory(.activations, atMost: .gibibytes(1)) {}
    } matching: { issue in
      issue.comments.first?.rawValue.hasPrefix(
        "memory budget not judged: no Tidemark ledger was used by the test's task") == true
    }
    #expect(other.usage.blocks.total == 0)
  }

  @Test func ledgersOfOtherTestsDoNotCount() async throws {
    await withTaskGroup(of: Void.self) { group in
      for worker in 1...4 {
        group.addTask {
          for _ in 0..<100 {
            do {
              let ledger = try Ledger()
              let report = try self.report(of: .input) {
                let block = try ledger.allocate(byteCount: worker, category: .input)
                #expect(block.byteCount == worker)
              }
              #expect(report.peak.bytes == worker)
            } catch {
              Issue.record(error)
            }
          }
        }
      }
    }
  }

  @Test func twoTestsOnOneLedgerAreRefused() throws {
    let ledger = try Ledger()
    let first = BudgetSession(.input, limit: .gibibytes(1), processIsQuiet: false)
    let second = BudgetSession(.input, limit: .gibibytes(1), processIsQuiet: false)
    // Side by side, not one within the other: each session has been made outside of the other.
    _ = first.run {
      _ = try? ledger.allocate(byteCount: 1, category: .input)
    }
    _ = second.run {
      _ = try? ledger.allocate(byteCount: 1, category: .input)
    }
    for session in [first, second] {
      guard case .refused(let reason) = session.verdict() else {
        Issue.record("a shared ledger was judged")
        continue
      }
      #expect(reason.hasPrefix("two tests that run in parallel allocate from the same ledger"))
    }
  }

  @Test func budgetsNest() throws {
    let ledger = try Ledger()
    let outer = try report(of: .input) {
      var kept: MemoryBlock? = try ledger.allocate(byteCount: 1000, category: .input)
      let inner = try report(of: .input) {
        let block = try ledger.allocate(byteCount: 10, category: .input)
        #expect(block.byteCount == 10)
      }
      #expect(inner.peak.bytes == 1010)
      _ = kept.take()
    }
    #expect(outer.peak.bytes == 1010)
  }

  @Test func theLedgerIsFreeAfterwards() throws {
    weak var ledger: Ledger?
    let report = try report(of: .input) {
      let strong = try Ledger()
      ledger = strong
      _ = try strong.allocate(byteCount: 8, category: .input)
    }
    #expect(report.peak.bytes == 8)
    #expect(ledger == nil)
  }

  @Test func errorsOfTheBodyPassAndTheBudgetIsStillJudged() throws {
    struct Failure: Error {}
    let ledger = try Ledger()
    withKnownIssue {
      #expect(throws: Failure.self) {
        try expectPeakMemory(.input, atMost: .bytes(7)) {
          _ = try ledger.allocate(byteCount: 8, category: .input)
          throw Failure()
        }
      }
    } matching: { issue in
      issue.comments.first?.rawValue.hasPrefix("memory budget: input peaked at 8 B") == true
    }
  }

  /// An assertion of the other framework passes silently by itself.
  @Test func theAssertionOfXCTestFailsHereToo() throws {
    let ledger = try Ledger()
    try withKnownIssue {
      try XCTAssertPeakMemory(.input, atMost: .bytes(7)) {
        _ = try ledger.allocate(byteCount: 8, category: .input)
      }
    } matching: { issue in
      issue.sourceLocation?.line == #line - 4
        && issue.comments.first?.rawValue.hasSuffix(
          "(in a Swift Testing test, use expectPeakMemory)") == true
    }
  }

  @Test func resultsPass() async throws {
    let ledger = try Ledger()
    let size = try expectPeakMemory(.input, atMost: .bytes(8)) {
      try ledger.allocate(byteCount: 8, category: .input).byteCount
    }
    let later = try await expectPeakMemory(.input, atMost: .bytes(8)) {
      await Task.yield()
      return try ledger.allocate(byteCount: 8, category: .input).byteCount
    }
    #expect(size == 8 && later == 8)
  }

  @Test func theReportIsACommaSeparatedTable() throws {
    let ledger = try Ledger(ownerNames: ["conv \"1\", wide"])
    let report = try report(of: .step) {
      let block = try ledger.allocate(
        byteCount: 8, category: .transient, owner: MemoryOwner(index: 0))
      #expect(block.byteCount == 8)
    }
    #expect(
      report.csv.split(separator: "\r\n") == [
        "kind,name,category,bytes_at_peak,highest_bytes",
        "subject,activations + transient + workspace,,8,8", "limit,,,0,0",
        "category,,transient,8,8", "owner,\"conv \"\"1\"\", wide\",transient,8,",
      ])
  }

  // MARK: -

  private func step(_ ledger: Ledger) throws {
    let scratch = try ledger.allocate(byteCount: 7000, category: .workspace)
    #expect(scratch.byteCount == 7000)
    freeNow(scratch)
    let first = try ledger.allocate(
      byteCount: 1000, category: .activations, owner: MemoryOwner(index: 0))
    let second = try ledger.allocate(
      byteCount: 2000, category: .activations, owner: MemoryOwner(index: 1))
    #expect(first.byteCount + second.byteCount == 3000)
  }

  private func freeNow(_ block: consuming MemoryBlock) {}

  private func report(
    of subject: MemorySubject, _ body: () throws -> Void
  ) throws -> PeakReport {
    let session = BudgetSession(subject, limit: .bytes(0), processIsQuiet: false)
    let result = session.run(body)
    let verdict = session.verdict()
    try result.get()
    switch verdict {
    case .within(let report), .exceeded(let report): return report
    case .refused(let reason), .unavailable(let reason): fatalError(reason)
    }
  }
}
