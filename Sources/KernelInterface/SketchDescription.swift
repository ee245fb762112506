/// How a randomized sketch of a convolution's input is made and read.
///
/// A convolution whose weights are to be trained must keep its input until the backward pass. A
/// sketch keeps a few random combinations of the input's pixels instead; the weight gradient
/// computed from it is right on average.
public struct SketchDescription: Hashable, Sendable {
  /// The random numbers that combine the pixels of a map.
  public enum Estimator: String, CaseIterable, Sendable {
    /// Probes with independent standard normal entries, shared by channels and samples: XConv's
    /// *independent* mode (arXiv 2106.06998).
    case gaussian
    /// Probes with independent entries ±1, shared by channels and samples.
    case rademacher
  }

  /// The random numbers that combine the pixels.
  public let estimator: Estimator
  /// The number of probes: numbers kept of each map.
  public let size: Int
  /// The seed of the random numbers; the backward pass draws them again from it.
  public let seed: UInt64

  /// Describes a sketch.
  ///
  /// - Parameters:
  ///   - estimator: The random numbers that combine the pixels.
  ///   - size: The number of probes; at least 1. A size of the number of pixels or more saves
  ///     nothing and is not exact either: keep the input instead.
  ///   - seed: The seed of the random numbers.
  /// - Throws: `SketchError` if the size is below 1.
  public init(estimator: Estimator, size: Int, seed: UInt64) throws(SketchError) {
    guard size >= 1 else { throw .sizeBelowOne(size) }
    self.estimator = estimator
    self.size = size
    self.seed = seed
  }

  /// The description of another sketch of the same kind and size.
  init(_ other: SketchDescription, seed: UInt64) {
    estimator = other.estimator
    size = other.size
    self.seed = seed
  }
}

/// Why a sketch cannot be made as described.
public enum SketchError: Error, Hashable, CustomStringConvertible {
  /// The number of probes or buckets, which must be at least 1.
  case sizeBelowOne(Int)

  /// One sentence that says what was wrong and what would be right.
  public var description: String {
    switch self {
    case .sizeBelowOne(let size):
      "a sketch needs at least 1 probe or bucket, not \(size)"
    }
  }
}
