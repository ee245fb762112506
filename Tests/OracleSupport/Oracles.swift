import Files
import Glibc

/// Where the reference numbers are that tests compare with.
///
/// That is the folder that the environment variable `TIDEMARK_ORACLES` names, or else `Oracles`
/// beside the tests, which serves for files too that the named folder does not have. A file of the same
/// name may hold further cases: tests take cases and hyper-parameters from the file, never from lists
/// in code.
package enum Oracles {
  /// The folder that holds the files.
  package static let folder: String = {
    if let named = unsafe getenv("TIDEMARK_ORACLES") {
      let path = unsafe String(cString: named)
      if !path.isEmpty { return path }
    }
    return copies
  }()

  /// The folder beside the tests.
  private static let copies: String = {
    // This file is Tests/OracleSupport/Oracles.swift.
    let components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return components.dropLast(2).joined(separator: "/") + "/Oracles"
  }()

  /// The path of a file in the folder, such as `minimalloc/A.1048576.csv`.
  package static func path(_ name: String) -> String {
    // A folder that is not there fails, at the first file: its name was mistyped.
    guard unsafe access(folder, F_OK) == 0, unsafe access("\(folder)/\(name)", F_OK) != 0 else {
      return "\(folder)/\(name)"
    }
    return "\(copies)/\(name)"
  }

  /// The text of a file in the folder.
  ///
  /// - Throws: `FileFailure` when the file cannot be read.
  package static func text(_ name: String) throws -> String {
    String(decoding: try FileReading.bytes(of: path(name)), as: UTF8.self)
  }
}
