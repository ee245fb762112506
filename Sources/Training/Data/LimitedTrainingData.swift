import Networks

/// The first samples of a data set to train with, and all of those to test with.
private struct LimitedTrainingData: TrainingData {
  let whole: any TrainingData
  let limit: Int

  var name: String { whole.name }
  var provenance: String {
    "\(whole.provenance), of which the first \(limit) \(sampleNoun) are trained with"
  }
  var sampleShape: Shape { whole.sampleShape }
  var classCount: Int { whole.classCount }
  var labelsPerSample: Int { whole.labelsPerSample }
  var sampleNoun: String { whole.sampleNoun }

  var checksum: UInt32 {
    var checksum = Checksum()
    checksum.add([Int64(whole.checksum), Int64(limit)])
    return checksum.value
  }

  func count(of part: DataPart) -> Int { part == .training ? limit : whole.count(of: part) }

  func fill(
    _ indices: some Collection<Int>, of part: DataPart, samples: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Int32>
  ) {
    unsafe whole.fill(indices, of: part, samples: samples, labels: labels)
  }
}

extension TrainingData {
  /// The same data with fewer samples to train with: the first ones.
  ///
  /// - Parameter limit: The most samples to train with, at least 1.
  /// - Returns: Data that share the memory of these; these themselves if they have no more.
  public func limited(to limit: Int) -> any TrainingData {
    precondition(limit >= 1, "there must be a sample to train with")
    return limit < count(of: .training) ? LimitedTrainingData(whole: self, limit: limit) : self
  }
}
