import MemoryBudgets
import MemoryLedger
import Testing
import TidemarkTesting

@Suite struct MemoryBudgetTraitTests {
  @Test(.memoryBudget(.bytes(8), of: .input))
  func aTestWithinItsBudgetPasses() throws {
    let ledger = try Ledger()
    let block = try ledger.allocate(byteCount: 8, category: .input)
    #expect(block.byteCount == 8)
  }

  /// The lines of the functions with failing traits: the macro reports there.
  private static let lines = [#line + 6, #line + 16, #line + 32]

  /// The outer trait demands that the inner one records exactly the failure of this test.
  @Test(
    .failing("memory budget: input peaked at 8 B, 1 B over the limit of 7 B", line: Self.lines[0]),
    .memoryBudget(.bytes(7), of: .input))
  func aByteTooLittleFails() throws {
    let ledger = try Ledger()
    let block = try ledger.allocate(byteCount: 8, category: .input)
    #expect(block.byteCount == 8)
  }

  @Test(
    .enabled(if: Jemalloc.isActive, "another allocator serves, such as a sanitizer's"),
    .failing("memory budget: what the test allocated peaked at ", line: Self.lines[1]),
    .memoryBudget(.bytes(99_999)))
  func anySwiftCodeHasABudget() {
    Buffer.touch(byteCount: 100_000)
  }

  /// Each case has the budget for itself: together they would be over it.
  @Test(.memoryBudget(.bytes(100), of: .input), arguments: [60, 80, 100])
  func eachCaseHasItsOwnBudget(size: Int) async throws {
    let ledger = try Ledger()
    let block = try ledger.allocate(byteCount: size, category: .input)
    await Task.yield()
    #expect(block.byteCount == size)
  }

  @Test(
    .failing("memory budget not judged: no Tidemark ledger was used", line: Self.lines[2]),
    .memoryBudget(.bytes(7), of: .input))
  func aTestThatUsesNoLedgerIsRefused() {}
}

/// On a suite, the trait is for each test.
@Suite(.memoryBudget(.bytes(100), of: .input))
struct MemoryBudgetSuiteTests {
  @Test(arguments: [70, 90])
  func aTestOfTheSuite(size: Int) throws {
    let ledger = try Ledger()
    let block = try ledger.allocate(byteCount: size, category: .input)
    #expect(block.byteCount == size)
  }
}

/// Demands that what is inside records one issue, and which.
private struct FailingTrait: TestTrait, TestScoping {
  let beginning: String
  let line: Int

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withKnownIssue {
      try await function()
    } matching: { issue in
      issue.sourceLocation?.line == line
        && issue.comments.first?.rawValue.hasPrefix(beginning) == true
    }
  }
}

extension Trait where Self == FailingTrait {
  fileprivate static func failing(_ beginning: String, line: Int) -> Self {
    Self(beginning: beginning, line: line)
  }
}
