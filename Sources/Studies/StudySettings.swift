import Training

/// How the trainings of a study are made.
public struct StudySettings: Sendable {
  /// How long each training lasts.
  public enum Length: Hashable, Sendable {
    /// So many times through the samples, as far as they make whole batches.
    case epochs(Int)
    /// So many steps.
    case steps(Int)
  }

  /// The numbers of probes that are tried.
  public var probeCounts: [Int]
  /// The batch sizes that are tried.
  public var batchSizes: [Int]
  /// How many seeds each training is made with: 0 and those that follow.
  public var seedCount: Int
  /// How long each training lasts.
  public var length: Length
  /// What moves parameters.
  public var optimizer: OptimizerSettings

  /// Creates settings; the defaults are those of the published comparison, but for the epochs.
  public init(
    probeCounts: [Int] = [2, 4, 8, 16, 32, 64],
    batchSizes: [Int] = [32, 64, 128, 256, 512, 1024], seedCount: Int = 3,
    length: Length = .epochs(1), optimizer: OptimizerSettings = .adam()
  ) {
    self.probeCounts = probeCounts
    self.batchSizes = batchSizes
    self.seedCount = seedCount
    self.length = length
    self.optimizer = optimizer
  }

  /// The batch size that errors are measured at: the one in the middle.
  public var errorBatchSize: Int { batchSizes.sorted()[batchSizes.count / 2] }

  /// The length and the optimiser in words: trainings with other words cannot be compared.
  public var description: String {
    let duration =
      switch length {
      case .epochs(let count): "\(count) epochs"
      case .steps(let count): "\(count) steps"
      }
    var words = "\(duration) of \(optimizer.rule) \(optimizer.learningRate)"
    if optimizer.weightDecay.share != 0 { words += " with decay \(optimizer.weightDecay)" }
    if let average = optimizer.average { words += " and average \(average)" }
    return words
  }

  /// The steps of a training.
  func stepCount(batchSize: Int, sampleCount: Int) -> Int {
    switch length {
    case .epochs(let count): count * (sampleCount / batchSize)
    case .steps(let count): count
    }
  }
}
