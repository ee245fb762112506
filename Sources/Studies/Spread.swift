/// The mean of some numbers and how far they lie apart.
public struct Spread: Hashable, Sendable {
  /// The mean.
  public let mean: Double
  /// The standard deviation, estimated from the numbers; 0 for a single one.
  public let standardDeviation: Double

  /// The spread of at least one number.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "a spread needs a number")
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
  }
}
