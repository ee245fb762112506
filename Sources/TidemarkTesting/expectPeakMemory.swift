import MemoryBudgets
@_exported import MemoryLedger
import Testing

/// Runs `body` and expects that memory does not rise above a limit meanwhile.
///
///     try expectPeakMemory(.activations, atMost: .mebibytes(24)) { try trainer.step(batch) }
///
/// Exactly the limit passes. A failure is recorded at the call: limit, peak, excess, a table by
/// category, the owners that held most, and the same as an attachment in CSV. It is recorded whether
/// or not `body` throws. Where nothing can be measured, as under the address sanitizer, `body` runs
/// and a warning says that its budget was not checked.
///
/// - Parameters:
///   - subject: Which memory is meant; by default everything that the test allocates.
///   - limit: The most that may stand at once, in requested bytes.
///   - sourceLocation: Where failures are reported.
///   - body: What is measured.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
@discardableResult
public func expectPeakMemory<Success, Failure: Error>(
  _ subject: MemorySubject = .allocations, atMost limit: ByteCount,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(Failure) -> Success
) throws(Failure) -> Success {
  let session = BudgetSession(subject, limit: limit, processIsQuiet: ProcessState.isQuiet)
  let result = session.run(body)
  session.verdict().record(at: sourceLocation)
  return try result.get()
}

/// Runs an asynchronous `body` and expects that memory does not rise above a limit meanwhile.
///
/// As the synchronous function of this name. The blocks that the concurrency runtime takes for the
/// frames of asynchronous functions, about a kibibyte at a time, count like any others.
///
/// - Parameters:
///   - subject: Which memory is meant; by default everything that the test allocates.
///   - limit: The most that may stand at once, in requested bytes.
///   - isolation: The actor that `body` runs on; the caller's.
///   - sourceLocation: Where failures are reported.
///   - body: What is measured.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
@discardableResult
public func expectPeakMemory<Success, Failure: Error>(
  _ subject: MemorySubject = .allocations, atMost limit: ByteCount,
  isolation: isolated (any Actor)? = #isolation,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws(Failure) -> Success
) async throws(Failure) -> Success {
  let session = BudgetSession(subject, limit: limit, processIsQuiet: ProcessState.isQuiet)
  let result = await session.run(isolation: isolation, body)
  session.verdict().record(at: sourceLocation)
  return try result.get()
}
