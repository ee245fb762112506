/// What a loss reports besides the gradients that it starts.
public struct LossReport: Hashable, Sendable {
  /// The mean loss of the batch.
  public var loss: Float = 0
  /// The number of labels that have the highest score: of samples, or of all their pixels.
  public var correctPredictions = 0
  /// The sum over the samples of their Dice scores, if the loss is one of overlap.
  public var diceSum: Float?

  /// Creates an empty report.
  public init() {}

  /// Adds the report of one part of a batch.
  ///
  /// - Parameters:
  ///   - part: The report of the part.
  ///   - share: The part's share of the batch.
  public mutating func add(_ part: LossReport, share: Float) {
    loss += part.loss * share
    correctPredictions += part.correctPredictions
    if let dice = part.diceSum { diceSum = (diceSum ?? 0) + dice }
  }

  /// What a network reports whose losses reported these: the weighted sum of the losses, and the
  /// predictions of the main one.
  ///
  /// - Parameters:
  ///   - reports: What each loss reported, in the order of the network's losses.
  ///   - network: The network.
  public init(_ reports: [LossReport], of network: Network) {
    let main = network.mainLossIndex.map { reports[$0] }
    correctPredictions = main?.correctPredictions ?? 0
    diceSum = main?.diceSum
    for (report, loss) in zip(reports, network.losses) { self.loss += loss.weight * report.loss }
  }
}
