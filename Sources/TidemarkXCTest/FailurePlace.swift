import Foundation
import MemoryBudgets
import Testing
import XCTest

/// Where an assertion stands, and how its verdict gets there.
struct FailurePlace {
  let fileID: StaticString
  let file: StaticString
  let line: UInt

  /// Records a failure where there is one, with the report saved beside it.
  func record(_ verdict: PeakVerdict, _ message: String) {
    let suffix = message.isEmpty ? "" : "\n  \(message)"
    switch verdict {
    case .within: break
    case .exceeded(let report):
      fail("\(report.description)\n  \(saved(report.csv))\(suffix)")
    case .refused(let reason):
      fail("memory budget not judged: \(reason)\(suffix)")
    case .unavailable(let reason):
      let text = "\(file):\(line): warning: memory budget not checked: \(reason)\n"
      FileHandle.standardError.write(Data(text.utf8))
    }
  }

  private func fail(_ text: String) {
    XCTFail(text, file: file, line: line)
    // In a Swift Testing test the line above passes silently.
    if Test.current != nil {
      Issue.record(
        "\(text)\n  (in a Swift Testing test, use expectPeakMemory)",
        sourceLocation: SourceLocation(
          fileID: "\(fileID)", filePath: "\(file)", line: Int(line), column: 1))
    }
  }

  /// Writes the report to a file, whole or not at all, and says where; XCTest has no attachments on
  /// every platform.
  private func saved(_ csv: String) -> String {
    let environment = ProcessInfo.processInfo.environment
    let folder =
      environment["TIDEMARK_REPORTS"].map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? FileManager.default.temporaryDirectory
    let source = URL(fileURLWithPath: "\(file)").deletingPathExtension().lastPathComponent
    let url = folder.appendingPathComponent("memory-budget-\(source)-\(line).csv")
    do {
      try Data(csv.utf8).write(to: url, options: .atomic)
      return "saved as \(url.path)"
    } catch {
      return "not saved: \(url.path) cannot be written"
    }
  }
}
