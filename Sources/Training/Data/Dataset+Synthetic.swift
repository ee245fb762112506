extension Dataset {
  /// Images of any shape that a network can learn to tell apart; made, not read.
  ///
  /// Each class has its own pattern of random pixels, and each image is that pattern, half covered
  /// by noise of its own. The same arguments give the same bytes on every machine.
  ///
  /// - Parameters:
  ///   - height: Rows of an image.
  ///   - width: Columns of an image.
  ///   - channels: Channels of a pixel.
  ///   - classCount: The number of classes, from 1 to 256.
  ///   - trainingCount: The number of images to train with.
  ///   - testCount: The number of images to test with.
  ///   - seed: What the patterns and the noise depend on.
  /// - Returns: The data set; it takes a byte an element.
  public static func synthetic(
    height: Int, width: Int, channels: Int, classCount: Int = 10, trainingCount: Int,
    testCount: Int, seed: UInt64 = 0
  ) -> Dataset {
    let size = height * width * channels
    var generator = CounterGenerator(seed: seed, stream: 0)
    let patterns = (0..<classCount * size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }

    func images(_ count: Int, stream: UInt64) -> LabelledImages {
      var generator = CounterGenerator(seed: seed, stream: stream)
      var pixels: [UInt8] = []
      pixels.reserveCapacity(count * size)
      var labels: [UInt8] = []
      for _ in 0..<count {
        let label = generator.next(below: classCount)
        labels.append(UInt8(label))
        for element in 0..<size {
          let noise = generator.next() & 0xff
          pixels.append(UInt8((UInt64(patterns[label * size + element]) + noise) / 2))
        }
      }
      return LabelledImages(
        height: height, width: width, channels: channels, pixels: pixels, labels: labels)
    }

    return Dataset(
      unchecked: "synthetic",
      provenance: "synthetic images of \(height)x\(width)x\(channels), "
        + "\(trainingCount) training and \(testCount) test images, seed \(seed)",
      classCount: classCount,
      // The mean of two independent uniform bytes has 1/2 and √(1/24) on the scale from 0 to 1.
      normalization: PixelNormalization(mean: 0.5, standardDeviation: 0.204),
      training: images(trainingCount, stream: 1), test: images(testCount, stream: 2))
  }
}
