import Foundation
import Testing

/// The examples of the README and of the documentation are compiled and run: they are the files beside
/// this one.
@Suite struct ReadmeTests {
  @Test(arguments: [
    ("README.md", ["OwnNetworkTests.swift"]),
    ("Documentation/Networks.md", ["OwnGraphTests.swift"]),
    ("Documentation/Extending.md", ["OwnOperationTests.swift", "OwnStrategyTests.swift"]),
  ])
  func examplesAreTheFilesBesideThisOne(document: String, files: [String]) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    func lines(_ path: String) throws -> [Substring] {
      try String(contentsOf: folder.appending(path: path), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
    }
    // The first line of a file says where it is shown.
    let code = try files.flatMap { try lines($0).dropFirst().filter { !$0.isEmpty } }
    var shown: [Substring] = []
    var isCode = false
    for line in try lines("../../\(document)") {
      if line.hasPrefix("```") {
        isCode = line == "```swift"
      } else if isCode, !line.isEmpty {
        shown.append(line)
      }
    }
    #expect(code.count > 10)
    for (index, line) in code.enumerated() {
      guard index < shown.count, shown[index] == line else {
        Issue.record("\(document) does not show '\(line)' of \(files) where it should")
        return
      }
    }
    #expect(shown.count == code.count, "\(document) shows code that nothing compiles")
  }
}
