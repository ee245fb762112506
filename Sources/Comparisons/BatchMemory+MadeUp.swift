import Execution
import Networks
import Training

extension BatchMemory {
  /// Fills the batch with made-up images that suit a network: neither bytes nor times depend on what
  /// images show.
  public func fillWithMadeUpImages(for network: Network) {
    let shape = network.inputShape
    let images = Dataset.synthetic(
      height: shape.pixelCount, width: 1, channels: shape.channels,
      // Labels are bytes.
      classCount: min(256, network.classCount), trainingCount: batchSize, testCount: 0)
    fill(0..<batchSize, of: images)
  }
}
