import MemoryLedger

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

/// Why a text is no budget.
public struct StepBudgetError: Error, Hashable, CustomStringConvertible {
  /// One sentence: what was wrong and what would be right.
  public let description: String
}

extension StepBudget {
  /// The largest number of a share.
  private static let largestNumber = 65_536

  /// Reads a size such as `64MiB`, or a share of full storage such as `1/2`.
  ///
  /// - Parameter text: The budget as text.
  /// - Throws: `StepBudgetError` if it is neither.
  public init(parsing text: String) throws(StepBudgetError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 1 else {
      do {
        self = .bytes(try ByteCount(parsing: text).bytes)
      } catch {
        throw StepBudgetError(description: "\(error)")
      }
      return
    }
    let numbers = parts.compactMap { Int($0) }
    guard parts.count == 2, numbers.count == 2,
      numbers.allSatisfy({ (1...Self.largestNumber).contains($0) })
    else {
      throw StepBudgetError(
        description: "the share is '\(text)'; it must be two whole numbers from 1 to "
          + "\(Self.largestNumber), such as 1/2")
    }
    self = .share(part: numbers[0], whole: numbers[1])
  }
}
