import Files

/// A file of parameters that does not fit a network.
public struct ParameterFileError: DescribedFailure, Equatable {
  /// What does not fit.
  public enum Problem: Sendable, Equatable {
    /// The network has a parameter that the file lacks.
    case missing(String)
    /// The file holds a tensor that is no parameter of the network.
    case unknown(String)
    /// A parameter has another shape or type in the file.
    case otherShape(String, found: [Int], expected: [Int])
  }

  /// The file's path.
  public let path: String
  /// What does not fit.
  public let problem: Problem

  /// What kind of failure this is: always bad data.
  public var category: FailureCategory { .badData }

  /// One sentence that names the file, the parameter and what would fit.
  public var description: String {
    switch problem {
    case .missing(let name):
      "'\(path)' lacks '\(name)', which the network needs"
    case .unknown(let name):
      "'\(path)' holds '\(name)', which the network does not have"
    case .otherShape(let name, let found, let expected):
      "'\(path)' holds '\(name)' with the shape \(found); the network needs floats of \(expected)"
    }
  }
}
