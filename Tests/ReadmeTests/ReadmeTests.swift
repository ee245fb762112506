import Foundation
import Testing

/// The README's examples are compiled and run: they are the files beside this one.
@Suite struct ReadmeTests {
  @Test(arguments: ["OwnNetworkTests.swift", "OwnGraphTests.swift"])
  func exampleIsTheFileBesideThisOne(name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(
      contentsOf: folder.appending(path: name), encoding: .utf8)
    let readme = try String(
      contentsOf: folder.appending(path: "../../README.md"), encoding: .utf8)
    let example = source.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
      .joined(separator: "\n")
    #expect(example.count > 500)
    #expect(readme.contains("```swift\n\(example)```"), "README.md does not hold the example")
  }
}
