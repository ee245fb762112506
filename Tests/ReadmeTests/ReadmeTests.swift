import Foundation
import Testing

/// The README's example is compiled and run: it is the file beside this one.
@Suite struct ReadmeTests {
  @Test func exampleIsTheFileBesideThisOne() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(
      contentsOf: folder.appending(path: "OwnNetworkTests.swift"), encoding: .utf8)
    let readme = try String(
      contentsOf: folder.appending(path: "../../README.md"), encoding: .utf8)
    let example = source.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
      .joined(separator: "\n")
    #expect(example.count > 500)
    #expect(readme.contains("```swift\n\(example)```"), "README.md does not hold the example")
  }
}
