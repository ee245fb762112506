import Files

/// Which samples each training step sees.
///
/// An epoch is as many whole batches as the samples give; samples that are left over wait for another
/// epoch. The order is the same on every machine, whatever the number of threads.
public struct BatchOrder: Sendable {
  /// How the samples of an epoch follow one another.
  public enum Arrangement: Sendable, Equatable {
    /// As in the file, in every epoch.
    case fileOrder
    /// In an order that the seed and the number of the epoch determine.
    case shuffled(seed: UInt64)
  }

  /// The number of samples.
  public let sampleCount: Int
  /// The number of samples in each batch.
  public let batchSize: Int
  /// How the samples of an epoch follow one another.
  public let arrangement: Arrangement

  /// The number of batches in one epoch, at least 1.
  public var batchesPerEpoch: Int { sampleCount / batchSize }

  private var epoch = 0
  private var order: [Int]

  /// Creates an order; allocates eight bytes a sample.
  ///
  /// - Parameters:
  ///   - sampleCount: The number of samples.
  ///   - batchSize: The number of samples in each batch.
  ///   - arrangement: How the samples of an epoch follow one another.
  /// - Throws: `BatchSizeError` unless the size is from 1 to the number of samples.
  public init(
    sampleCount: Int, batchSize: Int, arrangement: Arrangement
  ) throws(BatchSizeError) {
    guard batchSize >= 1, batchSize <= sampleCount else {
      throw BatchSizeError(batchSize: batchSize, sampleCount: sampleCount)
    }
    self.sampleCount = sampleCount
    self.batchSize = batchSize
    self.arrangement = arrangement
    order = Self.order(of: 0, sampleCount: sampleCount, arrangement: arrangement)
  }

  /// The samples of a training step, in the order of the batch.
  ///
  /// Allocates nothing within an epoch, and eight bytes a sample when the epoch changes.
  ///
  /// - Parameter step: The step's number, from 0; it runs on through the epochs.
  /// - Returns: As many indices as the batch has samples.
  public mutating func batch(_ step: Int) -> ArraySlice<Int> {
    let (epoch, batch) = step.quotientAndRemainder(dividingBy: batchesPerEpoch)
    if epoch != self.epoch, arrangement != .fileOrder {
      order = Self.order(of: epoch, sampleCount: sampleCount, arrangement: arrangement)
    }
    self.epoch = epoch
    return order[batch * batchSize..<(batch + 1) * batchSize]
  }

  private static func order(
    of epoch: Int, sampleCount: Int, arrangement: Arrangement
  ) -> [Int] {
    var order = Array(0..<sampleCount)
    guard case .shuffled(let seed) = arrangement else { return order }
    // Fisher and Yates. The standard library's own shuffle may change from version to version.
    var generator = CounterGenerator(seed: seed, stream: UInt64(epoch))
    for last in stride(from: sampleCount - 1, to: 0, by: -1) {
      order.swapAt(last, generator.next(below: last + 1))
    }
    return order
  }
}

/// A batch size that a data set cannot serve.
public struct BatchSizeError: DescribedFailure, Equatable {
  /// The number of samples in a batch that was asked for.
  public let batchSize: Int
  /// The number of samples that there are.
  public let sampleCount: Int

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }

  /// One sentence that says which sizes there are.
  public var description: String {
    if sampleCount == 0 { return "there are no samples to take batches from" }
    let samples = sampleCount == 1 ? "1 sample" : "\(sampleCount) samples"
    let reason = batchSize < 1 ? "too small" : "larger than the \(samples) of the data"
    return "a batch size of \(batchSize) is \(reason); it must be from 1 to \(sampleCount)"
  }
}
