import MemoryLedger
import Networks
import Training

/// What a training came to, epoch by epoch.
package enum TrainingReport {
  private static let columns = [
    "model", "dataset", "strategy", "batch_size", "seed", "epoch", "steps", "learning_rate",
    "training_loss", "training_accuracy", "test_loss", "test_accuracy", "test_dice", "seconds",
    "samples_per_second", "peak_bytes",
  ]

  /// One row an epoch; `test_dice` is empty where the loss is not one of overlap.
  package static func csv(_ session: TrainingSession) -> CSVTable {
    var table = CSVTable(columns: columns)
    for epoch in session.metrics {
      table.append([
        .text(session.trainer.network.name), .text(session.data.name),
        .text("\(session.settings.strategy)"), .integer(session.settings.batchSize),
        .text("\(session.settings.seed)"), .integer(epoch.epoch), .integer(epoch.stepCount),
        .text("\(epoch.learningRate)"), .number(epoch.training.loss),
        .number(epoch.training.accuracy), .number(epoch.test.loss), .number(epoch.test.accuracy),
        epoch.test.dice.map { .number($0) } ?? .missing, .number(epoch.seconds),
        .number(epoch.samplesPerSecond), .integer(epoch.peakByteCount),
      ])
    }
    return table
  }

  /// Loss, share of right predictions or overlap, speed and memory in a few words.
  package static func words(
    _ score: Evaluator.Score, samplesPerSecond: Double, noun: String, peakByteCount: Int
  ) -> String {
    "loss \(NumberFormat.fixed(score.loss, decimals: 3)), \(measure(score)), "
      + "\(NumberFormat.prefixed(samplesPerSecond)) \(noun)/s, "
      + ByteCount(bytes: peakByteCount).description
  }

  /// One line on an epoch.
  package static func line(_ epoch: EpochMetrics, noun: String) -> String {
    words(
      epoch.training, samplesPerSecond: epoch.samplesPerSecond, noun: noun,
      peakByteCount: epoch.peakByteCount)
      + "; test: loss \(NumberFormat.fixed(epoch.test.loss, decimals: 3)), "
      + measure(epoch.test)
  }

  /// One line on a training: what its last epoch came to.
  package static func conclusion(_ session: TrainingSession) -> String {
    guard let last = session.metrics.last else { return "" }
    let epochs = last.epoch == 1 ? "1 epoch" : "\(last.epoch) epochs"
    let dice = last.test.dice.map { "Dice score \(NumberFormat.fixed($0, decimals: 4)), " } ?? ""
    return "\(session.trainer.network.name) under \(session.settings.strategy), \(epochs): "
      + "test \(dice)accuracy \(NumberFormat.fixed(last.test.accuracy * 100, decimals: 2)) %, "
      + "loss \(NumberFormat.fixed(last.test.loss, decimals: 4)); "
      + "\(NumberFormat.prefixed(last.samplesPerSecond)) \(session.data.sampleNoun)/s, peak "
      + ByteCount(bytes: last.peakByteCount).description
  }

  private static func measure(_ score: Evaluator.Score) -> String {
    score.dice.map { "Dice \(NumberFormat.fixed($0, decimals: 3))" }
      ?? NumberFormat.percent(score.accuracy)
  }
}
