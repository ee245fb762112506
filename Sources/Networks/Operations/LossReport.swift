/// What a loss reports besides the gradients that it starts.
public struct LossReport: Hashable, Sendable {
  /// The mean loss of the batch.
  public var loss: Float = 0
  /// The number of samples whose highest score is that of their label.
  public var correctPredictions = 0

  /// Creates an empty report.
  public init() {}
}
