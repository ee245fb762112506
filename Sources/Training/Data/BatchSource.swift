import Execution

/// The batches of a training: which samples each step sees, and how they get into memory.
///
/// Several trainings that go on side by side may share one.
public final class BatchSource {
  /// The samples.
  public let data: any TrainingData

  private var order: BatchOrder

  /// Creates a source; allocates eight bytes a sample.
  ///
  /// - Parameters:
  ///   - data: The samples.
  ///   - batchSize: The number of samples in each batch.
  ///   - seed: What the order of the samples depends on.
  /// - Throws: `BatchSizeError` unless the size is from 1 to the number of samples.
  public init(_ data: any TrainingData, batchSize: Int, seed: UInt64) throws(BatchSizeError) {
    self.data = data
    order = try BatchOrder(
      sampleCount: data.count(of: .training), batchSize: batchSize,
      arrangement: .shuffled(seed: seed))
  }

  /// The number of batches in one epoch, at least 1.
  public var batchesPerEpoch: Int { order.batchesPerEpoch }

  /// The samples of a step, in the order of the batch.
  ///
  /// - Parameter step: The step's number, from 0; it runs on through the epochs.
  /// - Returns: As many indices as the batch has samples.
  public func samples(ofStep step: Int) -> ArraySlice<Int> { order.batch(step) }

  /// Fills a batch with the samples of a step; allocates nothing within an epoch.
  ///
  /// - Parameters:
  ///   - batch: The memory, for as many samples as a batch has.
  ///   - step: The step's number, from 0.
  public func fill(_ batch: BatchMemory, step: Int) {
    batch.fill(order.batch(step), of: data)
  }
}
