import Execution
import Networks

/// Which samples of a data set.
public enum DataPart: Sendable {
  /// Those to train with.
  case training
  /// Those to test with.
  case test
}

/// Samples with their labels, to train a network with and to test it with.
public protocol TrainingData: Sendable {
  /// The name in reports, such as `fashion-mnist`.
  var name: String { get }
  /// One sentence on what was read or made, and from where.
  var provenance: String { get }
  /// The shape of a sample.
  var sampleShape: Shape { get }
  /// The number of classes; labels are 0 to one less.
  var classCount: Int { get }
  /// What the classes are called in the data, and how many labels of each there are, in their order;
  /// empty where that was not counted.
  var classes: [LabelClass] { get }
  /// What a user should know of the data before training: sentences without a final period.
  var warnings: [String] { get }
  /// The labels of a sample: one, or one for each of its pixels.
  var labelsPerSample: Int { get }
  /// What the samples are called in reports, such as `images`.
  var sampleNoun: String { get }
  /// A number that changes with the samples and labels to train with.
  var checksum: UInt32 { get }

  /// The number of samples.
  func count(of part: DataPart) -> Int

  /// Writes samples and their labels where a network reads them; allocates nothing.
  ///
  /// - Parameters:
  ///   - indices: Which samples of the part, in the order of the batch.
  ///   - part: The part.
  ///   - samples: Receives the samples: (batch, spatial…, channels).
  ///   - labels: Receives the labels: one a sample, or one for each pixel of it.
  func fill(
    _ indices: some Collection<Int>, of part: DataPart, samples: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Int32>)
}

extension TrainingData {
  /// Not counted.
  public var classes: [LabelClass] { [] }

  /// None.
  public var warnings: [String] { [] }
}

extension BatchMemory {
  /// Fills the batch with samples of a data set.
  ///
  /// - Parameters:
  ///   - indices: Which samples of the part, as many as the batch has.
  ///   - data: The data set.
  ///   - part: The part of it.
  public func fill(
    _ indices: some Collection<Int>, of data: some TrainingData, _ part: DataPart = .training
  ) {
    precondition(indices.count == batchSize, "a batch of \(batchSize) takes as many samples")
    precondition(
      data.sampleShape.elementCount == sampleElementCount, "the network takes other samples")
    guard let values = unsafe samples.baseAddress, let classes = unsafe labels.baseAddress
    else { preconditionFailure("no loss of the network reads classes") }
    unsafe data.fill(indices, of: part, samples: values, labels: classes)
  }
}
