import Networks

/// Sums over the steps of an epoch, or over the batches of an evaluation.
struct StepTotals: Hashable {
  var stepCount = 0
  var sampleCount = 0
  var lossSum = 0.0
  var correctPredictions = 0
  var diceSum: Double?
  var seconds = 0.0
  var peakByteCount = 0

  /// Adds what a loss reported of a batch.
  mutating func add(_ report: LossReport, sampleCount count: Int, seconds duration: Double = 0) {
    stepCount += 1
    sampleCount += count
    lossSum += Double(report.loss) * Double(count)
    correctPredictions += report.correctPredictions
    if let dice = report.diceSum { diceSum = (diceSum ?? 0) + Double(dice) }
    seconds += duration
  }

  /// The means, for samples of so many labels each.
  func score(labelCount: Int) -> Evaluator.Score {
    Evaluator.Score(
      loss: lossSum / Double(sampleCount),
      accuracy: Double(correctPredictions) / Double(sampleCount * labelCount),
      dice: diceSum.map { $0 / Double(sampleCount) })
  }
}
