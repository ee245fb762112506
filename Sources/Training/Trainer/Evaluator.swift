import Execution
import Kernels
import MemoryLedger
import Networks
import Schedules

/// Runs a network forward over a data set and counts right predictions.
public struct Evaluator {
  /// Mean loss and share of right predictions.
  public struct Score: Hashable, Sendable {
    /// The mean loss.
    public let loss: Double
    /// The share of samples whose highest score is that of their label.
    public let accuracy: Double
  }

  private let engine: Engine

  /// Creates an evaluator.
  public init(engine: Engine) {
    self.engine = engine
  }

  /// Evaluates a network's parameters on images.
  ///
  /// Takes memory for a batch and for the values in flight, in a ledger of its own.
  ///
  /// - Parameters:
  ///   - store: The parameters.
  ///   - images: The images, of the data set.
  ///   - dataset: The data set, which knows how images become numbers.
  ///   - batchSize: The most images that run at once.
  /// - Returns: Mean loss and accuracy over all images.
  /// - Throws: `ScheduleError`, `LedgerError` or `StepError` if a batch cannot be run.
  public func evaluate(
    _ store: ParameterStore, on images: LabelledImages, of dataset: Dataset, batchSize: Int
  ) throws -> Score {
    let ledger = try Ledger(for: store.network)
    var loss = 0.0
    var correct = 0
    // The last batch may be smaller; a schedule serves one batch size.
    for size in Set([min(batchSize, images.count), images.count % batchSize]) where size > 0 {
      let schedule = try Schedule.inference(
        store.network, batchSize: size, threadCount: engine.threadCount)
      let batch = try BatchMemory(network: store.network, batchSize: size, ledger: ledger)
      let executor = Executor(schedule: schedule, engine: engine, ledger: ledger)
      for start in starts(count: images.count, batchSize: batchSize, size: size) {
        batch.fill(start..<(start + size), of: images, in: dataset)
        let report = try executor.run(store: store, batch: batch, seed: 0).report
        loss += Double(report.loss) * Double(size)
        correct += report.correctPredictions
      }
    }
    return Score(
      loss: loss / Double(images.count), accuracy: Double(correct) / Double(images.count))
  }

  /// The first images of the batches of a size.
  private func starts(count: Int, batchSize: Int, size: Int) -> StrideTo<Int> {
    let whole = count / batchSize * batchSize
    return size == batchSize
      ? stride(from: 0, to: whole, by: batchSize) : stride(from: whole, to: count, by: size)
  }
}

extension BatchMemory {
  /// Fills the batch with images of a data set.
  ///
  /// - Parameters:
  ///   - indices: Which images, as many as the batch has samples.
  ///   - images: The data set's images to train or to test with.
  ///   - dataset: The data set.
  public func fill(
    _ indices: some Collection<Int>, of images: LabelledImages, in dataset: Dataset
  ) {
    precondition(indices.count == batchSize, "a batch of \(batchSize) takes as many images")
    guard let pixels = unsafe samples.baseAddress, let classes = unsafe labels.baseAddress
    else { return }
    unsafe dataset.fill(indices, of: images, pixels: pixels, labels: classes)
  }
}
