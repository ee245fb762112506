import Networks

/// A way of keeping activations: what is computed anew, and how residuals wait.
public struct Strategy: Hashable, Sendable {
  /// What is computed anew instead of being kept.
  public var recomputation: Recomputation
  /// How values are kept that backward passes can read inexactly; nil to keep them whole.
  public var approximation: Approximation?

  /// Creates a strategy.
  public init(recomputation: Recomputation = .none, approximation: Approximation? = nil) {
    self.recomputation = recomputation
    self.approximation = approximation
  }

  /// Everything that the backward pass reads is kept.
  public static let full = Strategy()

  /// Whether gradients are the same, to the bit, as those of full storage.
  public var isExact: Bool { approximation == nil }

  /// What the strategy decides for a network.
  ///
  /// - Throws: `ScheduleError` if the network cannot be divided as asked.
  public func plan(for network: Network, batchSize: Int) throws(ScheduleError) -> Plan {
    let segments = try recomputation.segments(of: network)
    let boundaries = Set(segments.dropLast().map { $0.upperBound - 1 })
    return Plan(
      passes: network.passes(recomputing: segments),
      representations: network.leanRepresentations(
        wholeValues: boundaries, approximation: approximation, batchSize: batchSize))
  }
}
