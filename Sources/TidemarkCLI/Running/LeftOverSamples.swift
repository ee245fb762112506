import Tidemark

/// Says how many samples no step of an epoch sees, since they do not fill a batch.
enum LeftOverSamples {
  /// Prints one line, unless every sample is seen or no epoch comes to its end.
  ///
  /// - Parameters:
  ///   - data: The samples.
  ///   - batchSizes: The numbers of samples of a step.
  ///   - stepCount: The number of steps where epochs are not counted.
  static func show(of data: any TrainingData, batchSizes: [Int], stepCount: Int? = nil) {
    let count = data.count(of: .training)
    let words = batchSizes.sorted().compactMap { size -> String? in
      guard count % size > 0, stepCount ?? .max >= count / size else { return nil }
      return "\(count % size) at batch size \(size)"
    }
    guard !words.isEmpty else { return }
    StandardStream.output.line(
      "Left out of each epoch, other ones each time, since they do not fill a batch: of \(count) "
        + "\(data.sampleNoun) \(words.joined(separator: ", ")).")
  }
}
