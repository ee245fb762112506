/// What a step may take for activations, transients and workspace together.
public enum StepBudget: Hashable, Sendable {
  /// So many bytes.
  case bytes(Int)
  /// The share `part` / `whole` of what full storage takes at its highest, for the same network,
  /// batch and threads; `whole` is at least 1.
  case share(part: Int, whole: Int)

  /// The bytes, rounded down.
  ///
  /// - Parameter full: The activation peak of full storage.
  /// - Returns: The most that a step may take.
  func byteCount(ofFull full: Int) -> Int {
    switch self {
    case .bytes(let count): count
    case .share(let part, let whole): full / whole * part + full % whole * part / whole
    }
  }
}

extension StepBudget: CustomStringConvertible {
  /// As strategies spell it: `64MiB` or `1/2`.
  public var description: String {
    switch self {
    case .bytes(let count): Strategy.spelling(ofSize: count)
    case .share(let part, let whole): "\(part)/\(whole)"
    }
  }
}
