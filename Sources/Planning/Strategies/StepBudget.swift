import MemoryLedger

/// What a step may take for activations, transients and workspace together.
public enum StepBudget: Hashable, Sendable {
  /// So many bytes.
  case bytes(Int)
  /// The share `part` / `whole` of what full storage takes at its highest, for the same network,
  /// batch and threads; both are from 1 to 65,536.
  case share(part: Int, whole: Int)

  /// The largest number of a share.
  private static let largestNumber = 65_536

  /// Requires that the numbers of a share are some.
  ///
  /// - Throws: `StepBudgetError` if they are not.
  func check() throws(StepBudgetError) {
    guard case .share(let part, let whole) = self else { return }
    guard [part, whole].allSatisfy({ (1...Self.largestNumber).contains($0) }) else {
      throw StepBudgetError(unusableShare: description)
    }
  }

  /// The bytes, rounded down; of a share that was checked.
  ///
  /// - Parameter full: The activation peak of full storage.
  /// - Returns: The most that a step may take.
  func byteCount(ofFull full: Int) -> Int {
    switch self {
    case .bytes(let count): return count
    case .share(let part, let whole):
      let (quotient, remainder) = full.quotientAndRemainder(dividingBy: whole)
      let (product, overflow) = quotient.multipliedReportingOverflow(by: part)
      // More than can be counted is no limit; the rest of a division is small.
      let (sum, isTooLarge) = product.addingReportingOverflow(remainder * part / whole)
      return overflow || isTooLarge ? .max : sum
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

  fileprivate init(_ description: String) {
    self.description = description
  }

  /// What is wrong with a share, as it is spelled.
  fileprivate init(unusableShare spelling: some StringProtocol) {
    self.init(
      "the share is '\(spelling)'; it must be two whole numbers from 1 to 65536, such as 1/2")
  }
}

extension StepBudget {
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
        throw StepBudgetError("\(error)")
      }
      return
    }
    let numbers = parts.compactMap { Int($0) }
    guard parts.count == 2, numbers.count == 2 else {
      throw StepBudgetError(unusableShare: text)
    }
    self = .share(part: numbers[0], whole: numbers[1])
    try check()
  }
}
