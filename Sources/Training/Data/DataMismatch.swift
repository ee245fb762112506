import Files
import Networks

/// A network that cannot be trained with some data.
public struct DataMismatch: DescribedFailure, Equatable {
  /// One sentence: what the network takes, and what the data are.
  public let description: String

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }
}

extension TrainingData {
  /// Requires that a network takes these samples and labels.
  ///
  /// - Throws: `DataMismatch`.
  public func requireFit(_ network: Network) throws(DataMismatch) {
    guard network.inputShape == sampleShape else {
      throw DataMismatch(
        description: "\(network.name) was built for samples of \(network.inputShape), and those of "
          + "\(name) are \(sampleShape)")
    }
    guard network.labelCount > 0 else {
      throw DataMismatch(
        description:
          "\(network.name) has no loss that reads classes, and \(name) has nothing else to "
          + "learn from")
    }
    if let loss = network.losses.first(where: { network.targetCount(of: $0.node) > 0 }) {
      throw DataMismatch(
        description:
          "\(network.nodes[loss.node].name) of \(network.name) learns numbers, and \(name) "
          + "has classes only")
    }
    guard network.labelCount == labelsPerSample else {
      let words =
        labelsPerSample == 1
        ? "has one label a sample; \(network.name) learns one for every pixel"
        : "has a label for every pixel; \(network.name) learns one a sample"
      throw DataMismatch(description: "\(name) \(words)")
    }
    guard network.classCount >= classCount else {
      throw DataMismatch(
        description: "\(network.name) tells \(network.classCount) classes apart, and \(name) has "
          + "\(classCount)")
    }
  }
}
