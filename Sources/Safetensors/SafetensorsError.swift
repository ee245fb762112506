import Files

/// A safetensors file that is not as the format says, or not what was asked of it.
public struct SafetensorsError: DescribedFailure, Equatable {
  /// What is wrong with the file.
  public enum Problem: Sendable, Equatable {
    /// The file has fewer bytes than the length of a header takes.
    case tooShort(bytes: Int)
    /// The header would reach past the end of the file.
    case headerTooLong(bytes: UInt64, available: Int)
    /// The header is not a JSON object.
    case headerNotJSON
    /// The metadata are not an object of strings.
    case metadataNotStrings
    /// The entry of a tensor lacks a field, or a field has the wrong form.
    case malformedEntry(tensor: String)
    /// The elements of a tensor have a type that is not read here.
    case unsupportedType(tensor: String, type: String)
    /// The bytes of a tensor reach past the end of the file.
    case outOfRange(tensor: String, end: Int, available: Int)
    /// The offsets of a tensor do not fit its shape and type.
    case wrongSize(tensor: String, bytes: Int, expected: Int)
    /// Two tensors share bytes.
    case overlap(first: String, second: String)
    /// Bytes belong to no tensor; `tensor` is the one after them, nil at the end of the file.
    case unusedBytes(count: Int, before: String?)
    /// The file holds no tensor of that name.
    case missingTensor(String)
    /// A tensor has other elements than were asked for.
    case otherType(tensor: String, type: String, expected: String)
  }

  /// The file's path.
  public let path: String
  /// What is wrong with the file.
  public let problem: Problem

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - problem: What is wrong with the file.
  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// What kind of failure this is: always bad data.
  public var category: FailureCategory { .badData }

  /// One sentence that names the file and what is wrong with it.
  public var description: String { "'\(path)' \(problem.sentence)" }
}

extension SafetensorsError.Problem {
  /// What follows the name of the file in the sentence.
  fileprivate var sentence: String {
    switch self {
    case .tooShort(let bytes):
      "is not a safetensors file: it has \(bytes) bytes, and the length of the header alone takes 8"
    case .headerTooLong(let bytes, let available):
      "is truncated or not a safetensors file: its header should have \(bytes) bytes, "
        + "and \(available) are there"
    case .headerNotJSON:
      "is not a safetensors file: its header is not a JSON object"
    case .metadataNotStrings:
      "has metadata that are not an object of strings"
    case .malformedEntry(let tensor):
      "describes tensor '\(tensor)' wrongly: it needs dtype, a shape of whole numbers "
        + "and two data_offsets in ascending order"
    case .unsupportedType(let tensor, let type):
      "holds tensor '\(tensor)' of type \(type); only F32 and I64 are read"
    case .outOfRange(let tensor, let end, let available):
      "is truncated: tensor '\(tensor)' ends at byte \(end) of the data, and \(available) are there"
    case .wrongSize(let tensor, let bytes, let expected):
      "gives tensor '\(tensor)' \(bytes) bytes; its shape and type take \(expected)"
    case .overlap(let first, let second):
      "lets the tensors '\(first)' and '\(second)' share bytes"
    case .unusedBytes(let count, .some(let tensor)):
      "has \(count) bytes before tensor '\(tensor)' that belong to no tensor"
    case .unusedBytes(let count, nil):
      "has \(count) bytes after the last tensor that belong to no tensor"
    case .missingTensor(let tensor):
      "holds no tensor '\(tensor)'"
    case .otherType(let tensor, let type, let expected):
      "holds tensor '\(tensor)' as \(type), not as \(expected)"
    }
  }
}
