import MemoryBudgets
import Testing
import XCTest

extension PeakVerdict {
  /// Records a failure where there is one, with the report attached.
  func record(at sourceLocation: SourceLocation) {
    switch self {
    case .within: break
    case .exceeded(let report):
      Attachment.record(report.csv, named: "memory-budget.csv", sourceLocation: sourceLocation)
      fail(report.description, at: sourceLocation)
    case .refused(let reason):
      fail("memory budget not judged: \(reason)", at: sourceLocation)
    case .unavailable(let reason):
      Issue.record(
        "memory budget not checked: \(reason)", severity: .warning, sourceLocation: sourceLocation)
    }
  }

  private func fail(_ text: String, at sourceLocation: SourceLocation) {
    Issue.record(Comment(rawValue: text), sourceLocation: sourceLocation)
    // Outside a Swift Testing test this may be an XCTestCase, where the line above passes silently.
    if Test.current == nil {
      let place = "\(sourceLocation.fileID):\(sourceLocation.line)"
      XCTFail("\(text)\n  (at \(place); in an XCTestCase, use XCTAssertPeakMemory)")
    }
  }
}
