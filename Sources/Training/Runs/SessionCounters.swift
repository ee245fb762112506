import Networks

/// What a checkpoint holds besides tensors, as whole numbers; fractions are kept to the bit.
struct SessionCounters {
  var stepCount: Int
  var totals: StepTotals
  var variances: [NodeID: Double]
  var metrics: [EpochMetrics]

  /// The counters one after the other: fixed ones, then two for each variance, then the metrics.
  var words: [Int64] {
    [Int64(stepCount), Int64(variances.count)] + totals.words
      + variances.sorted { $0.key < $1.key }.flatMap { [Int64($0.key), $0.value.word] }
      + metrics.flatMap(\.words)
  }
}

extension SessionCounters {
  /// Counters from their words; nil if there are too few or too many.
  init?(words: [Int64]) {
    let variancesStart = 2 + StepTotals.wordCount
    guard words.count >= variancesStart, (0...words.count).contains(Int(words[1])) else {
      return nil
    }
    let metricsStart = variancesStart + 2 * Int(words[1])
    guard words.count >= metricsStart,
      (words.count - metricsStart) % EpochMetrics.wordCount == 0
    else { return nil }
    stepCount = Int(words[0])
    totals = StepTotals(words: Array(words[2..<variancesStart]))
    variances = [:]
    for place in stride(from: variancesStart, to: metricsStart, by: 2) {
      variances[Int(words[place])] = Double(word: words[place + 1])
    }
    metrics = stride(from: metricsStart, to: words.count, by: EpochMetrics.wordCount).map {
      EpochMetrics(words: Array(words[$0..<$0 + EpochMetrics.wordCount]))
    }
  }
}

extension EpochMetrics {
  /// The number of words that metrics are kept in.
  static let wordCount = 12

  /// The metrics as whole numbers: fractions are kept to the bit.
  var words: [Int64] {
    [epoch, stepCount, sampleCount, peakByteCount].map(Int64.init)
      + [Double(learningRate), seconds].map(\.word) + training.words + test.words
  }

  /// Metrics from their words.
  init(words: [Int64]) {
    epoch = Int(words[0])
    stepCount = Int(words[1])
    sampleCount = Int(words[2])
    peakByteCount = Int(words[3])
    learningRate = Float(Double(word: words[4]))
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
