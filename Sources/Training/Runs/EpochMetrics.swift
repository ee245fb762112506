/// What an epoch of a training came to.
public struct EpochMetrics: Hashable, Sendable {
  /// The number of the epoch, from 1.
  public let epoch: Int
  /// The steps since the beginning of the training.
  public let stepCount: Int
  /// The learning rate of the epoch's last step.
  public let learningRate: Double
  /// The mean loss, and the share of right predictions, of the steps as they were made.
  public let training: Evaluator.Score
  /// The same on the samples to test with, after the last step.
  public let test: Evaluator.Score
  /// The seconds that the steps took; tests and files are not counted.
  public let seconds: Double
  /// The number of samples that the epoch's steps saw.
  public let sampleCount: Int
  /// The highest requested bytes of all categories during a step.
  public let peakByteCount: Int

  /// The samples of a second.
  public var samplesPerSecond: Double { Double(sampleCount) / seconds }
}

// MARK: - Checkpoints

extension EpochMetrics {
  /// The number of words that metrics are kept in.
  static let wordCount = 12

  /// The metrics as whole numbers: fractions are kept to the bit.
  var words: [Int64] {
    [epoch, stepCount, sampleCount, peakByteCount].map(Int64.init)
      + [learningRate, seconds].map(\.word) + training.words + test.words
  }

  /// Metrics from their words.
  init(words: [Int64]) {
    epoch = Int(words[0])
    stepCount = Int(words[1])
    sampleCount = Int(words[2])
    peakByteCount = Int(words[3])
    learningRate = Double(word: words[4])
    seconds = Double(word: words[5])
    training = Evaluator.Score(words: words[6...])
    test = Evaluator.Score(words: words[9...])
  }
}

extension StepTotals {
  /// The number of words that sums are kept in.
  static let wordCount = 7

  /// The sums as whole numbers: fractions are kept to the bit.
  var words: [Int64] {
    [stepCount, sampleCount, correctPredictions, peakByteCount].map(Int64.init)
      + [lossSum, diceSum ?? .nan, seconds].map(\.word)
  }

  /// Sums from their words.
  init(words: [Int64]) {
    stepCount = Int(words[0])
    sampleCount = Int(words[1])
    correctPredictions = Int(words[2])
    peakByteCount = Int(words[3])
    lossSum = Double(word: words[4])
    diceSum = Double(optionalWord: words[5])
    seconds = Double(word: words[6])
  }
}

extension Evaluator.Score {
  fileprivate var words: [Int64] { [loss, accuracy, dice ?? .nan].map(\.word) }

  fileprivate init(words: ArraySlice<Int64>) {
    let start = words.startIndex
    self.init(
      loss: Double(word: words[start]), accuracy: Double(word: words[start + 1]),
      dice: Double(optionalWord: words[start + 2]))
  }
}

extension Double {
  fileprivate var word: Int64 { Int64(bitPattern: bitPattern) }

  fileprivate init(word: Int64) {
    self.init(bitPattern: UInt64(bitPattern: word))
  }

  /// The number, or nil for what is none.
  fileprivate init?(optionalWord word: Int64) {
    self.init(word: word)
    if isNaN { return nil }
  }
}
