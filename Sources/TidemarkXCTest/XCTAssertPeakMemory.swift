import MemoryBudgets
@_exported import MemoryLedger
import Testing
import XCTest

// The name follows those of XCTest.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// Runs `body` and asserts that memory does not rise above a limit meanwhile.
///
///     XCTAssertPeakMemory(atMost: .mebibytes(24)) { … }
///
/// Exactly the limit passes. A failure is recorded at the call: limit, peak, excess, a table by
/// category and the owners that held most; it names the file in which the same is saved as CSV, in
/// the folder that the environment variable `TIDEMARK_REPORTS` names, else among temporary files. It
/// is recorded whether or not `body` throws. Where nothing can be measured, as under the address
/// sanitizer, `body` runs and a line on standard error says that its budget was not checked.
///
/// - Parameters:
///   - subject: Which memory is meant; by default everything that the process allocates, since
///     XCTest runs one test at a time in a process.
///   - limit: The most that may stand at once, in requested bytes.
///   - message: What to add to a failure.
///   - fileID: The file that failures are reported in, as modules name it.
///   - file: The file that failures are reported in.
///   - line: The line that failures are reported at.
///   - body: What is measured.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
@discardableResult
public func XCTAssertPeakMemory<Success, Failure: Error>(
  _ subject: MemorySubject = .process, atMost limit: ByteCount,
  _ message: @autoclosure () -> String = "", fileID: StaticString = #fileID,
  file: StaticString = #filePath, line: UInt = #line, _ body: () throws(Failure) -> Success
) throws(Failure) -> Success {
  let session = BudgetSession(subject, limit: limit, processIsQuiet: Test.current == nil)
  let result = session.run(body)
  FailurePlace(fileID: fileID, file: file, line: line).record(session.verdict(), message())
  return try result.get()
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Runs an asynchronous `body` and asserts that memory does not rise above a limit meanwhile.
///
/// As the synchronous function of this name. The blocks that the concurrency runtime takes for the
/// frames of asynchronous functions, about a kibibyte at a time, count like any others.
///
/// - Parameters:
///   - subject: Which memory is meant; by default everything that the process allocates.
///   - limit: The most that may stand at once, in requested bytes.
///   - message: What to add to a failure.
///   - isolation: The actor that `body` runs on; the caller's.
///   - fileID: The file that failures are reported in, as modules name it.
///   - file: The file that failures are reported in.
///   - line: The line that failures are reported at.
///   - body: What is measured.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
@discardableResult
public func XCTAssertPeakMemory<Success, Failure: Error>(
  _ subject: MemorySubject = .process, atMost limit: ByteCount,
  _ message: @autoclosure () -> String = "", isolation: isolated (any Actor)? = #isolation,
  fileID: StaticString = #fileID, file: StaticString = #filePath, line: UInt = #line,
  _ body: () async throws(Failure) -> Success
) async throws(Failure) -> Success {
  let session = BudgetSession(subject, limit: limit, processIsQuiet: Test.current == nil)
  let result = await session.run(isolation: isolation, body)
  FailurePlace(fileID: fileID, file: file, line: line).record(session.verdict(), message())
  return try result.get()
}
