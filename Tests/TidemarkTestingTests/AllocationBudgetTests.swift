import Glibc
import MemoryBudgets
import MemoryLedger
import Testing
import TidemarkTesting

/// Budgets of single allocations, to the byte.
@Suite(.enabled(if: Jemalloc.isActive, "another allocator serves, such as a sanitizer's"))
struct AllocationBudgetTests {
  /// The number of bytes of each kind of request, and the peak that it makes.
  @Test(arguments: Request.allCases)
  func everyKindOfRequestCountsWhatWasAskedFor(request: Request) {
    let report = measure { request.run() }
    #expect(report.peak.bytes == request.peak)
    #expect(report.rows.map(\.name) == ["other allocations"])
    #expect(report.rows.map(\.atPeak) == [request.peak])
  }

  @Test func exactlyTheLimitPassesAndAByteLessFails() {
    expectPeakMemory(atMost: .bytes(1000)) { Request.malloc.run() }
    let line = #line + 2
    withKnownIssue {
      expectPeakMemory(atMost: .bytes(999)) { Request.malloc.run() }
    } matching: { issue in
      issue.sourceLocation?.line == line && issue.sourceLocation?.fileID == #fileID
        // A last line may tell what other tests, which run beside this one, allocated meanwhile.
        && issue.comments.count == 1
        && issue.comments[0].rawValue.hasPrefix(
          """
          memory budget: what the test allocated peaked at 1,000 B, 1 B over the limit of 999 B
            category           at the peak  highest
            other allocations      1,000 B  1,000 B
            in all: 1 block of 1,000 B; the peak in size classes: 1.00 KiB (1,024 B)
          """)
    }
  }

  @Test func nothingIsNothing() {
    expectPeakMemory(atMost: .bytes(0)) {}
  }

  @Test func onlyWhatStandsAtOnceCounts() {
    let report = measure {
      for _ in 0..<10 { Request.malloc.run() }
    }
    #expect(report.peak.bytes == 1000)
    #expect(report.description.contains("in all: 10 blocks of 9.77 KiB (10,000 B)"))
  }

  @Test func blocksOfBeforeDoNotCountWhoeverFreesThem() {
    let before = Buffer(byteCount: 5000)
    let report = measure {
      before.free()
      Request.malloc.run()
    }
    #expect(report.peak.bytes == 1000)
  }

  @Test func whatTheBodyLeavesBehindCountsUntilThen() {
    let kept = Buffer()
    let report = measure { kept.allocate(byteCount: 700) }
    #expect(report.peak.bytes == 700)
    kept.free()
  }

  /// Swift's own objects come from the same allocator: 32 bytes of header and the elements.
  @Test func arraysCount() {
    let report = measure {
      let array = [UInt8](repeating: 1, count: 1 << 20)
      #expect(array.count == 1 << 20)
    }
    #expect(report.peak.bytes >= 1 << 20)
    #expect(report.peak.bytes < (1 << 20) + (1 << 16))
  }

  @Test func tensorsAreToldByCategoryAndOwner() throws {
    let ledger = try Ledger(ownerNames: ["conv1"])
    let report = try measure {
      for (category, size) in [(MemoryCategory.activations, 1 << 20), (.workspace, 2 << 20)] {
        let block = try ledger.allocate(
          byteCount: size, category: category, owner: MemoryOwner(index: 0))
        #expect(block.byteCount == size)
      }
    }
    #expect(report.rows.map(\.name).prefix(2) == ["activations", "workspace"])
    #expect(report.rows.map(\.highest).prefix(2) == [1 << 20, 2 << 20])
    #expect(report.rows.map(\.atPeak).prefix(2) == [0, 2 << 20])
    #expect(report.owners.map(\.name) == ["conv1"])
  }

  /// The measurement's own blocks are left out, also those that following a ledger takes.
  @Test(.enabled(if: isOptimized, "unoptimised code allocates temporaries"))
  func theMeasurementDoesNotCountItself() throws {
    let ledger = try Ledger()
    let report = try measure {
      _ = try ledger.allocate(byteCount: 1000, category: .input)
    }
    #expect(report.rows.map(\.name) == ["input"])
    #expect(report.peak.bytes == 1000)
  }

  // MARK: - Tasks and threads

  @Test func childTasksCount() async {
    let report = await measure {
      async let first: Void = Buffer.touch(byteCount: 100_000)
      async let second: Void = Task { Buffer.touch(byteCount: 50_000) }.value
      _ = await (first, second)
    }
    #expect(report.peak.bytes >= 100_000)
    #expect((150_000..<200_000).contains(report.totalBytes ?? 0))
  }

  @Test func whatOtherTasksDoIsNotCountedButTold() async {
    let report = await measure {
      await Task.detached { Buffer.touch(byteCount: 1 << 20) }.value
    }
    #expect(report.peak.bytes < 100_000)
    #expect(report.notes.count == 2)
    #expect(report.notes.last?.hasPrefix("not counted: ") == true)
  }

  @Test func measurementsSideBySideAreExact() async {
    await withTaskGroup(of: Void.self) { group in
      for worker in 1...8 {
        group.addTask {
          for round in 1...200 {
            let size = 1000 * worker + round
            let report = self.measure {
              Buffer.touch(byteCount: size)
              Buffer.touch(byteCount: size - 1)
            }
            #expect(report.peak.bytes == size)
          }
        }
      }
    }
  }

  @Test func aTaskThatOutlivesItsMeasurementDoesNotCountForTheNext() async {
    let gate = AsyncStream<Void>.makeStream()
    let straggler = Mailbox()
    _ = await measure {
      straggler.task = Task {
        for await _ in gate.stream { break }
        Buffer.touch(byteCount: 1 << 20)
      }
    }
    let report = await measure {
      gate.continuation.yield()
      await straggler.task?.value
    }
    #expect(report.peak.bytes < 100_000)
  }

  @Test func measurementsNest() {
    let outer = measure {
      Buffer.touch(byteCount: 3000)
      let kept = Buffer(byteCount: 10_000)
      let inner = measure { Buffer.touch(byteCount: 2000) }
      #expect(inner.peak.bytes == 2000)
      kept.free()
    }
    #expect(outer.peak.bytes >= 12_000)
    #expect(outer.peak.bytes < 60_000)
  }

  /// The second inner measurement has the number of the first, but not its blocks.
  @Test func blocksOfAnEarlierMeasurementDoNotCount() {
    let kept = Buffer()
    expectPeakMemory(atMost: .mebibytes(1)) {
      let first = measure { kept.allocate(byteCount: 1000) }
      let second = measure {
        kept.free()
        Buffer.touch(byteCount: 500)
      }
      #expect(first.peak.bytes == 1000)
      #expect(second.peak.bytes == 500)
    }
  }

  /// Every free is found again: a forgotten one would be in the way of the last block.
  @Test func manyBlocksAreFollowedExactly() {
    let count = 30_011
    let buffers = (0..<count).map { _ in Buffer() }
    let requested = (0..<count).reduce(0) { $0 + 100 + $1 % 7 }
    func body() {
      for (index, buffer) in buffers.enumerated() { buffer.allocate(byteCount: 100 + index % 7) }
      // The count is a prime, so this visits each of them once, in a scattered order.
      for index in 0..<count { buffers[index * 7919 % count].free() }
      Buffer.touch(byteCount: requested + 1)
    }
    // The first time, Swift's runtime may take blocks for its caches, and keep them.
    body()
    let report = measure { body() }
    #expect(report.peak.bytes == requested + 1)
  }

  // MARK: - Whole process

  @Test func theWholeProcessIsRefusedWhereTestsRunInParallel() throws {
    guard !CommandLine.arguments.contains("--no-parallel") else { return }
    withKnownIssue {
      expectPeakMemory(.process, atMost: .gibibytes(1)) {}
    } matching: { issue in
      issue.comments.first?.rawValue.hasPrefix(
        "memory budget not judged: the whole process cannot be measured while other tests") == true
    }
  }

  @Test func theWholeProcessIsMeasuredInAnExitTest() async {
    await #expect(processExitsWith: .success) {
      expectPeakMemory(.process, atMost: .kibibytes(200)) {
        onThread { Buffer.touch(byteCount: 60_000) }
      }
    }
    await withKnownIssue {
      await #expect(processExitsWith: .success) {
        expectPeakMemory(.process, atMost: .bytes(59_999)) {
          onThread { Buffer.touch(byteCount: 60_000) }
        }
      }
    } matching: { issue in
      issue.comments.first?.rawValue.hasPrefix(
        "memory budget: what the process allocated peaked at ") == true
    }
  }

  // MARK: -

  private func measure<Failure: Error>(
    _ body: () throws(Failure) -> Void
  ) throws(Failure) -> PeakReport {
    let session = BudgetSession(.allocations, limit: .bytes(0), processIsQuiet: false)
    let result = session.run(body)
    let verdict = session.verdict()
    try result.get()
    return report(of: verdict)
  }

  private func measure(_ body: () async -> Void) async -> PeakReport {
    let session = BudgetSession(.allocations, limit: .bytes(0), processIsQuiet: false)
    _ = await session.run(body)
    return report(of: session.verdict())
  }

  private func report(of verdict: PeakVerdict) -> PeakReport {
    switch verdict {
    case .within(let report), .exceeded(let report): report
    case .refused(let reason), .unavailable(let reason): fatalError(reason)
    }
  }
}

#if DEBUG
  private let isOptimized = false
#else
  private let isOptimized = true
#endif

private final class Mailbox {
  var task: Task<Void, Never>?
}
