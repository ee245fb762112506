import CAllocationTracker
import MemoryLedger
import Threads

/// One measurement against a budget, from its preparation to the verdict.
package final class BudgetSession: Sendable {
  private let subject: MemorySubject
  private let limit: ByteCount
  private let watch: LedgerWatch
  private let token: Int64?
  private let obstacle: PeakVerdict?
  private let tally = Locked<tidemark_tally?>(nil)

  /// Prepares to measure.
  ///
  /// - Parameters:
  ///   - subject: Which memory is meant.
  ///   - limit: The most that may stand; exactly as much is allowed.
  ///   - processIsQuiet: Whether nothing but the caller allocates in this process.
  package init(_ subject: MemorySubject, limit: ByteCount, processIsQuiet: Bool) {
    self.subject = subject
    self.limit = limit
    watch = LedgerWatch(watching: subject.watchedCategories) { AllocationTracker.pause($0) }
    switch subject.kind {
    case .categories:
      token = nil
      obstacle = nil
    case .process where !processIsQuiet:
      token = nil
      obstacle = .refused(
        "the whole process cannot be measured while other tests may run in it: run with "
          + "--no-parallel, put the body into an exit test, or measure .allocations")
    case .allocations, .process:
      if let reason = AllocationTracker.obstacle {
        token = nil
        obstacle = .unavailable(reason)
      } else {
        token = AllocationTracker.prepare(wholeProcess: subject.kind == .process)
        obstacle =
          token == nil ? .refused("too many memory budgets are measured at the same time") : nil
      }
    }
  }

  // MARK: - Running

  /// Runs `body` and counts what it allocates; to be called once.
  ///
  /// - Returns: What `body` returned or threw.
  package func run<Success, Failure: Error>(
    _ body: () throws(Failure) -> Success
  ) -> Result<Success, Failure> {
    LedgerWatch.$current.withValue(watch) {
      AllocationTracker.$token.withValue(token ?? AllocationTracker.token) {
        startCounting()
        defer { stopCounting() }
        do throws(Failure) {
          return .success(try body())
        } catch {
          return .failure(error)
        }
      }
    }
  }

  /// Runs an asynchronous `body` and counts what it allocates; to be called once.
  ///
  /// - Returns: What `body` returned or threw.
  package func run<Success, Failure: Error>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Success
  ) async -> Result<Success, Failure> {
    await LedgerWatch.$current.withValue(
      watch,
      operation: {
        await AllocationTracker.$token.withValue(
          token ?? AllocationTracker.token,
          operation: {
            startCounting()
            defer { stopCounting() }
            do throws(Failure) {
              return .success(try await body())
            } catch {
              return .failure(error)
            }
          }, isolation: isolation)
      }, isolation: isolation)
  }

  // Innermost around the body, so that nothing of the measurement itself is counted.
  private func startCounting() {
    if let token { AllocationTracker.start(token) }
  }

  private func stopCounting() {
    guard let token else { return }
    let seen = AllocationTracker.end(token)
    tally.withLock { $0 = seen }
  }

  // MARK: - Verdict

  /// Ends the measurement and judges it; to be called once, after the body has run.
  ///
  /// - Returns: Whether the peak was within the limit, and what was seen.
  package func verdict() -> PeakVerdict {
    let seen = watch.end()
    if let obstacle { return obstacle }
    let report: PeakReport
    if let tally = tally.withLock({ $0 }) {
      guard tally.was_started else { return .unavailable("jemalloc refused an allocation hook") }
      report = PeakReport(subject, limit: limit, tally: tally, ledgers: seen)
    } else if seen.ledgerCount == 0 {
      return .refused(
        "no Tidemark ledger was used by the test's task, so there is nothing to measure: use the "
          + "ledger within the body, or measure .allocations")
    } else if seen.isShared {
      return .refused(
        "two tests that run in parallel allocate from the same ledger, so neither can be judged: "
          + "give each test a ledger of its own, or make their suite .serialized")
    } else {
      report = PeakReport(subject, limit: limit, ledgers: seen)
    }
    return report.excess.bytes > 0 ? .exceeded(report) : .within(report)
  }
}
