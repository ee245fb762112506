import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules

/// Runs a network forward over samples and counts right predictions.
public struct Evaluator {
  /// Mean loss and share of right predictions.
  public struct Score: Hashable, Sendable {
    /// The mean loss.
    public let loss: Double
    /// The share of labels that have the highest score: of samples, or of all their pixels.
    public let accuracy: Double
    /// The mean over samples of the Dice score, if the loss is one of overlap.
    public let dice: Double?
  }

  private let engine: Engine

  /// Creates an evaluator.
  public init(engine: Engine) {
    self.engine = engine
  }

  /// Evaluates a network's parameters.
  ///
  /// Takes memory for a batch and for the values in flight, in a ledger of its own.
  ///
  /// - Parameters:
  ///   - store: The parameters.
  ///   - data: The samples.
  ///   - part: Which of them.
  ///   - batchSize: The most samples that run at once.
  ///   - shouldStop: Asked before every action; true ends the evaluation.
  /// - Returns: Means over all samples.
  /// - Throws: `BatchSizeError` if a batch has no sample; `ScheduleError`, `LedgerError` or `StepError`
  ///   if one cannot be run.
  public func evaluate(
    _ store: ParameterStore, on data: some TrainingData, _ part: DataPart = .test, batchSize: Int,
    shouldStop: () -> Bool = { false }
  ) throws -> Score {
    let count = data.count(of: part)
    guard batchSize >= 1 else { throw BatchSizeError(batchSize: batchSize, sampleCount: count) }
    let ledger = try Ledger(for: store.network)
    var totals = StepTotals()
    // The last batch may be smaller; a step serves one batch size.
    for size in [min(batchSize, count), count % batchSize] where size > 0 {
      let step = try Step.inference(
        store.network, batchSize: size, threadCount: engine.threadCount)
      let batch = try BatchMemory(network: store.network, batchSize: size, ledger: ledger)
      let executor = Executor(step: step, engine: engine, ledger: ledger)
      for start in starts(count: count, batchSize: batchSize, size: size) {
        batch.fill(start..<(start + size), of: data, part)
        totals.add(
          try executor.run(store: store, batch: batch, seed: 0, shouldStop: shouldStop).report,
          sampleCount: size)
      }
      if size == count { break }
    }
    return totals.score(labelCount: store.network.labelCount)
  }

  /// The first samples of the batches of a size.
  private func starts(count: Int, batchSize: Int, size: Int) -> StrideTo<Int> {
    let whole = count / batchSize * batchSize
    return size == batchSize
      ? stride(from: 0, to: whole, by: batchSize) : stride(from: whole, to: count, by: size)
  }
}
