import Networks

/// A way of keeping activations: what is computed anew, and how residuals wait.
public struct Strategy: Hashable, Sendable {
  /// What is computed anew instead of being kept.
  public var recomputation: Recomputation
  /// The sketch that convolutions keep of their inputs; nil to keep the inputs.
  public var sketch: SketchDescription?

  /// Creates a strategy.
  public init(recomputation: Recomputation = .none, sketch: SketchDescription? = nil) {
    self.recomputation = recomputation
    self.sketch = sketch
  }

  /// Everything that the backward pass reads is kept.
  public static let full = Strategy()

  /// Whether gradients are the same, to the bit, as those of full storage.
  public var isExact: Bool { sketch == nil }

  /// What the strategy decides for a network.
  ///
  /// - Throws: `ScheduleError` if the network cannot be divided as asked.
  public func plan(for network: Network, batchSize: Int) throws(ScheduleError) -> Plan {
    let segments = try recomputation.segments(of: network)
    let boundaries = Set(segments.dropLast().map { $0.upperBound - 1 })
    return Plan(
      passes: network.passes(recomputing: segments),
      representations: network.leanRepresentations(
        wholeValues: boundaries, sketch: sketch, batchSize: batchSize))
  }
}
