import Networks

extension Dataset: TrainingData {
  /// Height, width and channels of an image.
  public var sampleShape: Shape { Shape(height, width, channels: channels) }

  /// One: the class of the image.
  public var labelsPerSample: Int { 1 }

  /// Images.
  public var sampleNoun: String { "images" }

  /// A checksum of the elements and labels of the training images.
  public var checksum: UInt32 {
    var checksum = Checksum()
    checksum.add(training.pixels)
    checksum.add(training.labels)
    return checksum.value
  }

  /// The number of images.
  public func count(of part: DataPart) -> Int { images(of: part).count }

  /// Writes images as numbers, and the class of each; allocates nothing.
  public func fill(
    _ indices: some Collection<Int>, of part: DataPart, samples: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Int32>
  ) {
    unsafe fill(indices, of: images(of: part), pixels: samples, labels: labels)
  }

  private func images(of part: DataPart) -> LabelledImages {
    part == .training ? training : test
  }
}
