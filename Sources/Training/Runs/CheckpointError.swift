import Files

/// A file that a training cannot go on from.
public struct CheckpointError: DescribedFailure, Equatable {
  /// Why not.
  public enum Problem: Sendable, Equatable {
    /// The file was not written as a checkpoint, or by a version with other settings.
    case otherFormat
    /// The contents are not those that were written.
    case damaged
    /// The file belongs to a training with another setting.
    case otherSetting(String, found: String, expected: String)
  }

  /// The file's path.
  public let path: String
  /// Why not.
  public let problem: Problem

  /// What kind of failure this is: always bad data.
  public var category: FailureCategory { .badData }

  /// One sentence that names the file, and what would fit.
  public var description: String {
    switch problem {
    case .otherFormat:
      "'\(path)' is a safetensors file, but not a checkpoint that this version of Tidemark wrote"
    case .damaged:
      "'\(path)' is damaged: its checksum does not match what it holds"
    case .otherSetting(let name, let found, let expected):
      "'\(path)' belongs to a training with \(name) \(found), not \(expected)"
    }
  }
}
