import MemoryLedger
import Networks

/// The memory of one batch of samples and their classes, in category `input`.
public final class BatchMemory {
  /// The number of samples.
  public let batchSize: Int
  /// The floats of one sample.
  public let sampleElementCount: Int
  /// The labels of one sample: one, or one for each pixel of a map of scores.
  public let sampleLabelCount: Int

  private let inputs: Storage
  private let classes: Storage

  /// Takes memory for a batch.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  public init(network: Network, batchSize: Int, ledger: Ledger) throws(MemoryBudgetExceeded) {
    self.batchSize = batchSize
    sampleElementCount = network.inputShape.elementCount
    sampleLabelCount = network.labelCount
    let owner = MemoryOwner(index: Network.input)
    inputs = try Storage(
      ledger, byteCount: network.inputShape.byteCount(batchSize: batchSize), category: .input,
      owner: owner)
    classes = try Storage(
      ledger, byteCount: batchSize * sampleLabelCount * MemoryLayout<Int32>.stride,
      category: .input, owner: owner)
    unsafe samples.initialize(repeating: 0)
    unsafe labels.initialize(repeating: 0)
  }

  /// The samples: (batch, spatial…, channels).
  public var samples: UnsafeMutableBufferPointer<Float> {
    unsafe UnsafeMutableBufferPointer(
      start: inputs.floats, count: batchSize * sampleElementCount)
  }

  /// The classes: (batch, spatial…).
  public var labels: UnsafeMutableBufferPointer<Int32> {
    unsafe UnsafeMutableBufferPointer(
      start: classes.raw.assumingMemoryBound(to: Int32.self),
      count: batchSize * sampleLabelCount)
  }
}
