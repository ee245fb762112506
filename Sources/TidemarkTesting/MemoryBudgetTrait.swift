import MemoryBudgets
import MemoryLedger
import Testing

/// A trait that gives each test, or each case of a parameterised test, a memory budget.
///
/// Created with ``Testing/Trait/memoryBudget(_:of:sourceLocation:)``.
public struct MemoryBudgetTrait: TestTrait, SuiteTrait, TestScoping {
  private let subject: MemorySubject
  private let limit: ByteCount
  private let sourceLocation: SourceLocation

  init(subject: MemorySubject, limit: ByteCount, sourceLocation: SourceLocation) {
    self.subject = subject
    self.limit = limit
    self.sourceLocation = sourceLocation
  }

  /// On a suite the budget is given to each of its tests, not to all of them together.
  public var isRecursive: Bool { true }

  /// Runs a test and judges its peak.
  ///
  /// - Parameters:
  ///   - test: The test.
  ///   - testCase: The case of the test.
  ///   - function: What runs it.
  /// - Throws: What the test throws, or its cancellation where nothing can be measured.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let session = BudgetSession(subject, limit: limit, processIsQuiet: ProcessState.isQuiet)
    let result = await session.run(function)
    let verdict = session.verdict()
    try result.get()
    if case .unavailable(let reason) = verdict {
      // The body has run, so a sanitizer has seen it; the test is listed as skipped.
      try Test.cancel("its memory budget is not checked: \(reason)", sourceLocation: sourceLocation)
    }
    verdict.record(at: sourceLocation)
  }
}

extension Trait where Self == MemoryBudgetTrait {
  /// Fails a test whose memory rises above a limit; exactly the limit passes.
  ///
  ///     @Test(.memoryBudget(.mebibytes(24)))
  ///     func trainingStepFits() throws { … }
  ///
  /// On a suite, each test has the budget for itself. What the testing library allocates on the
  /// test's task while the test runs, such as for `#expect`, counts too.
  ///
  /// - Parameters:
  ///   - limit: The most that may stand at once, in requested bytes.
  ///   - subject: Which memory is meant; by default everything that the test allocates.
  ///   - sourceLocation: Where failures are reported: the macro makes it the test function.
  /// - Returns: The trait.
  public static func memoryBudget(
    _ limit: ByteCount, of subject: MemorySubject = .allocations,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Self {
    Self(subject: subject, limit: limit, sourceLocation: sourceLocation)
  }
}
