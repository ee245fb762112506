import Files

/// An engine that cannot be had as asked.
public struct EngineError: DescribedFailure, Equatable {
  /// What kind of failure this is: wrong usage, or more than the system gives.
  public let category: FailureCategory

  /// One sentence: what was wrong and what would be right.
  public let description: String
}
