import Files

/// Something that cannot be timed, in one sentence.
public struct BenchmarkError: DescribedFailure, Equatable {
  /// The sentence.
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }
}
