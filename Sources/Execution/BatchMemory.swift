import MemoryLedger
import Networks

/// The memory of one batch of samples and of what losses compare with, in category `input`.
public final class BatchMemory {
  /// The number of samples.
  public let batchSize: Int
  /// The floats of one sample.
  public let sampleElementCount: Int
  /// The labels of one sample: one, or one for each pixel of a map of scores; 0 if no loss reads any.
  public let sampleLabelCount: Int

  private let inputs: TensorBuffer
  private let classes: TensorBuffer?
  private let numbers: [NodeID: (buffer: TensorBuffer, sampleCount: Int)]

  /// Takes memory for a batch.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  public init(network: Network, batchSize: Int, ledger: Ledger) throws(MemoryBudgetExceeded) {
    self.batchSize = batchSize
    sampleElementCount = network.inputShape.elementCount
    sampleLabelCount = network.labelCount
    func buffer(_ byteCount: Int) throws(MemoryBudgetExceeded) -> TensorBuffer {
      try TensorBuffer(
        ledger, byteCount: byteCount, category: .input, owner: MemoryOwner(index: Network.input))
    }
    inputs = try buffer(network.inputShape.byteCount(batchSize: batchSize))
    classes =
      sampleLabelCount == 0
      ? nil : try buffer(batchSize * sampleLabelCount * MemoryLayout<Int32>.stride)
    var numbers: [NodeID: (buffer: TensorBuffer, sampleCount: Int)] = [:]
    for loss in network.losses {
      let count = network.targetCount(of: loss.node)
      guard count > 0 else { continue }
      numbers[loss.node] = (try buffer(batchSize * count * MemoryLayout<Float>.stride), count)
    }
    self.numbers = numbers
    unsafe samples.initialize(repeating: 0)
    unsafe labels.initialize(repeating: 0)
    for loss in numbers.keys { unsafe targets(of: loss).initialize(repeating: 0) }
  }

  /// The samples: (batch, spatial…, channels).
  public var samples: UnsafeMutableBufferPointer<Float> {
    unsafe UnsafeMutableBufferPointer(
      start: inputs.floats, count: batchSize * sampleElementCount)
  }

  /// The classes: (batch, spatial…); empty if no loss reads any.
  public var labels: UnsafeMutableBufferPointer<Int32> {
    unsafe UnsafeMutableBufferPointer(
      start: classes?.raw.assumingMemoryBound(to: Int32.self),
      count: batchSize * sampleLabelCount)
  }

  /// The numbers that a loss compares its input with: (batch, spatial…, channels), as its input; empty
  /// if it wants none of the batch.
  public func targets(of loss: NodeID) -> UnsafeMutableBufferPointer<Float> {
    guard let entry = numbers[loss] else {
      return unsafe UnsafeMutableBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeMutableBufferPointer(
      start: entry.buffer.floats, count: batchSize * entry.sampleCount)
  }

  /// Requires that all labels are classes of the losses that read them, or ignored.
  ///
  /// Kernels read scores by label: they would read foreign memory.
  ///
  /// - Throws: `StepError.label` that names the first loss and label that do not fit.
  func checkLabels(of network: Network) throws(StepError) {
    for loss in network.classLosses {
      guard case .classes(let classCount, _, let ignored) = network.targets(of: loss.node) else {
        continue
      }
      let count = Int32(clamping: classCount)
      let wrong = unsafe labels.firstIndex { label in
        !(0..<count ~= label) && label != ignored
      }
      guard let wrong else { continue }
      throw .label(
        layer: network.nodes[loss.node].name, label: unsafe Int(labels[wrong]), position: wrong,
        classCount: classCount)
    }
  }
}
