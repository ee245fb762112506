import Execution
import Networks

extension BatchMemory {
  /// Fills the batch with made-up images that suit a network: neither bytes nor times depend on what
  /// images show.
  public func fillWithMadeUpImages(for network: Network) {
    for loss in network.losses { unsafe fillWithMadeUpNumbers(targets(of: loss.node)) }
    guard sampleLabelCount > 0 else { return unsafe fillWithMadeUpNumbers(samples) }
    fill(0..<batchSize, of: Dataset.madeUp(for: network, count: batchSize))
  }

  private func fillWithMadeUpNumbers(_ numbers: UnsafeMutableBufferPointer<Float>) {
    for index in numbers.indices { unsafe numbers[index] = Float(index % 17) / 17 }
  }
}

extension Dataset {
  /// Made-up images that suit a network.
  ///
  /// - Parameters:
  ///   - network: The network, which says the shape and the classes.
  ///   - count: The number of images to train with; there are none to test with.
  /// - Returns: The data set.
  public static func madeUp(for network: Network, count: Int) -> Dataset {
    let shape = network.inputShape
    return .synthetic(
      height: shape.pixelCount, width: 1, channels: shape.channels,
      // Labels are bytes.
      classCount: min(256, network.classCount), trainingCount: count, testCount: 0)
  }
}
