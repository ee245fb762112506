import Foundation
import Glibc
import MemoryBudgets
import MemoryLedger
import Testing
import TidemarkTesting
import TidemarkXCTest
import XCTest

/// A failure that was caught on its way to XCTest.
private struct Failure {
  let text: String
  let file: String
  let line: Int
}

extension [Failure] {
  /// The text of the first failure, or nothing.
  fileprivate var text: String { first?.text ?? "" }
}

/// XCTest on Linux cannot expect a failure, so this class catches those that it provokes.
final class PeakMemoryAssertionTests: XCTestCase {
  private nonisolated(unsafe) static var caught: [Failure]?

  override func recordFailure(
    withDescription description: String, inFile filePath: String, atLine lineNumber: Int,
    expected: Bool
  ) {
    guard unsafe Self.caught != nil else {
      super.recordFailure(
        withDescription: description, inFile: filePath, atLine: lineNumber, expected: expected)
      return
    }
    unsafe Self.caught?.append(Failure(text: description, file: filePath, line: lineNumber))
  }

  private func failures(of body: () throws -> Void) rethrows -> [Failure] {
    unsafe Self.caught = []
    defer { unsafe Self.caught = nil }
    try body()
    return unsafe Self.caught ?? []
  }

  /// Takes a block and gives it back; other than with `malloc`, no optimiser leaves that out.
  private static func touch(byteCount: Int) {
    var pointer: UnsafeMutableRawPointer?
    unsafe posix_memalign(&pointer, 16, byteCount)
    unsafe free(pointer)
  }

  // MARK: - Tidemark's categories

  func testExactlyTheLimitPassesAndAByteLessFails() throws {
    let ledger = try Ledger(ownerNames: ["conv1"])
    func step() throws {
      let block = try ledger.allocate(
        byteCount: 3000, category: .activations, owner: MemoryOwner(index: 0))
      XCTAssertEqual(block.byteCount, 3000)
    }
    try XCTAssertPeakMemory(.activations, atMost: .bytes(3000)) { try step() }
    let line = #line + 2
    let failures = try failures {
      try XCTAssertPeakMemory(.activations, atMost: .bytes(2999), "see the wiki") { try step() }
    }
    XCTAssertEqual(failures.map(\.line), [line])
    XCTAssertEqual(failures.map(\.file), ["\(#filePath)"])
    let lines = try XCTUnwrap(failures.first).text.components(separatedBy: "\n")
    XCTAssertEqual(
      Array(lines.prefix(5)),
      [
        "failed - memory budget: activations peaked at 2.93 KiB (3,000 B), 1 B over the limit of "
          + "2.93 KiB (2,999 B)",
        "  category     at the peak  highest",
        "  activations      3,000 B  3,000 B",
        "  top owners    bytes  of which",
        "  conv1       3,000 B  activations",
      ])
    XCTAssertEqual(lines.count, 7)
    XCTAssertEqual(lines.last, "  see the wiki")
    let path = try XCTUnwrap(lines[5].components(separatedBy: "saved as ").last)
    let saved = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    XCTAssertTrue(saved.contains("owner,conv1,activations,3000,"), saved)
    try FileManager.default.removeItem(atPath: path)
  }

  func testABodyThatUsesNoLedgerIsRefused() {
    let failures = failures { XCTAssertPeakMemory(.input, atMost: .gibibytes(1)) {} }
    XCTAssertEqual(failures.count, 1)
    assert(
      failures, beginWith: "failed - memory budget not judged: no Tidemark ledger was used")
  }

  func testErrorsAndResultsPass() async throws {
    struct BodyError: Error {}
    let ledger = try Ledger()
    let size = try XCTAssertPeakMemory(.input, atMost: .bytes(5)) {
      try ledger.allocate(byteCount: 5, category: .input).byteCount
    }
    XCTAssertEqual(size, 5)
    let later = try await XCTAssertPeakMemory(.input, atMost: .bytes(5)) {
      await Task.yield()
      return try ledger.allocate(byteCount: 5, category: .input).byteCount
    }
    XCTAssertEqual(later, 5)
    XCTAssertThrowsError(
      try XCTAssertPeakMemory(.input, atMost: .bytes(5)) {
        _ = try ledger.allocate(byteCount: 5, category: .input)
        throw BodyError()
      }
    ) { XCTAssertTrue($0 is BodyError) }
  }

  /// An expectation of the other framework passes silently by itself.
  func testTheExpectationOfSwiftTestingFailsHereToo() throws {
    let ledger = try Ledger()
    let line = #line + 2
    let failures = try failures {
      try expectPeakMemory(.input, atMost: .bytes(7)) {
        _ = try ledger.allocate(byteCount: 8, category: .input)
      }
    }
    XCTAssertEqual(failures.count, 1)
    let end = "(at \(#fileID):\(line); in an XCTestCase, use XCTAssertPeakMemory)"
    XCTAssertTrue(failures.text.hasSuffix(end), failures.text)
  }

  // MARK: - Any code

  func testTheWholeProcessIsCounted() throws {
    try XCTSkipUnless(Jemalloc.isActive, "another allocator serves, such as a sanitizer's")
    XCTAssertPeakMemory(atMost: .bytes(1000)) { Self.touch(byteCount: 1000) }
    let line = #line + 2
    let failures = failures {
      XCTAssertPeakMemory(atMost: .bytes(999)) { Self.touch(byteCount: 1000) }
    }
    XCTAssertEqual(failures.map(\.line), [line])
    assert(
      failures,
      beginWith: "failed - memory budget: what the process allocated peaked at 1,000 B, "
        + "1 B over the limit of 999 B\n")
  }

  func testThreadsCount() throws {
    try XCTSkipUnless(Jemalloc.isActive, "another allocator serves, such as a sanitizer's")
    let failures = failures {
      XCTAssertPeakMemory(atMost: .bytes(99_999)) {
        let thread = Thread { Self.touch(byteCount: 100_000) }
        thread.start()
        while !thread.isFinished { usleep(100) }
      }
    }
    XCTAssertEqual(failures.count, 1)
  }

  private func assert(_ failures: [Failure], beginWith beginning: String, line: UInt = #line) {
    XCTAssertTrue(failures.text.hasPrefix(beginning), failures.text, line: line)
  }
}
