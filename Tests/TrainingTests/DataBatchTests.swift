import Testing

@testable import Training

@Suite struct DataBatchTests {
  @Test func fileOrderGoesThroughTheFileAndStartsAgain() throws {
    var order = try BatchOrder(sampleCount: 7, batchSize: 3, arrangement: .fileOrder)
    #expect(order.batchesPerEpoch == 2)
    let batches = (0..<4).map { Array(order.batch($0)) }
    #expect(batches == [[0, 1, 2], [3, 4, 5], [0, 1, 2], [3, 4, 5]])
  }

  @Test func shuffledEpochsAreDifferentOrdersOfAllImages() throws {
    var order = try BatchOrder(sampleCount: 100, batchSize: 10, arrangement: .shuffled(seed: 1))
    let epochs = (0..<3).map { epoch in
      (0..<10).flatMap { Array(order.batch(epoch * 10 + $0)) }
    }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<100)) }
    #expect(Set(epochs + [Array(0..<100)]).count == 4)

    // A step's batch depends on nothing but the step and the seed.
    var again = try BatchOrder(sampleCount: 100, batchSize: 10, arrangement: .shuffled(seed: 1))
    #expect(Array(again.batch(25)) == Array(epochs[2][50..<60]))
    #expect(Array(again.batch(3)) == Array(epochs[0][30..<40]))
    var other = try BatchOrder(sampleCount: 100, batchSize: 10, arrangement: .shuffled(seed: 2))
    #expect(Array(other.batch(0)) != Array(epochs[0][0..<10]))
  }

  /// The order is part of what makes runs repeatable: a change of it must be seen.
  ///
  /// The numbers are from an independent implementation in another language.
  @Test func theOrderIsTheSameOnEveryMachine() throws {
    var order = try BatchOrder(sampleCount: 10, batchSize: 10, arrangement: .shuffled(seed: 42))
    #expect(Array(order.batch(0)) == [8, 1, 9, 2, 6, 0, 4, 5, 3, 7])
  }

  /// Each of the 24 orders of four images is as likely as any other: χ² with 23 degrees of freedom.
  @Test func everyOrderIsEquallyLikely() throws {
    var counts: [[Int]: Int] = [:]
    for seed in 0..<24_000 as Range<UInt64> {
      var order = try BatchOrder(sampleCount: 4, batchSize: 4, arrangement: .shuffled(seed: seed))
      counts[Array(order.batch(0)), default: 0] += 1
    }
    #expect(counts.count == 24)
    let chiSquared = counts.values.reduce(0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
    // Exceeded by chance once in 100,000 choices of seeds.
    #expect(chiSquared < 60)
  }

  @Test(arguments: [0, -1, 11]) func impossibleBatchSizesAreRefused(size: Int) {
    #expect(throws: BatchSizeError(batchSize: size, sampleCount: 10)) {
      try BatchOrder(sampleCount: 10, batchSize: size, arrangement: .fileOrder)
    }
  }

  @Test func refusalsSayWhatWouldBeRight() {
    #expect(
      BatchSizeError(batchSize: 11, sampleCount: 10).description
        == "a batch size of 11 is larger than the 10 samples of the data; it must be from 1 to 10")
    #expect(
      BatchSizeError(batchSize: 2, sampleCount: 1).description
        == "a batch size of 2 is larger than the 1 sample of the data; it must be from 1 to 1")
    #expect(
      BatchSizeError(batchSize: 0, sampleCount: 10).description
        == "a batch size of 0 is too small; it must be from 1 to 10")
    #expect(
      BatchSizeError(batchSize: 1, sampleCount: 0).description
        == "there are no samples to take batches from")
  }

  @Test func fillWritesNormalizedElementsInTheOrderOfTheBatch() throws {
    let images = LabelledImages(
      height: 1, width: 2, channels: 2, pixels: [0, 255, 1, 2, 3, 4, 128, 254], labels: [4, 1])
    let dataset = try Dataset(
      name: "x", provenance: "", classCount: 5,
      normalization: PixelNormalization(mean: 0.2860, standardDeviation: 0.3530),
      training: images, test: images)
    // One element more than needed, to see that it stays.
    var pixels = [Float](repeating: -7, count: 13)
    var labels = [Int32](repeating: -7, count: 4)
    unsafe pixels.withUnsafeMutableBufferPointer { pixels in
      unsafe labels.withUnsafeMutableBufferPointer { labels in
        guard let pixels = pixels.baseAddress, let labels = labels.baseAddress else { return }
        unsafe dataset.fill([1, 0, 1], of: images, pixels: pixels, labels: labels)
      }
    }
    let expected = [3, 4, 128, 254, 0, 255, 1, 2, 3, 4, 128, 254].map { byte in
      Float((Double(byte) / 255 - 0.2860) / 0.3530)
    }
    #expect(pixels == expected + [-7])
    #expect(labels == [1, 4, 1, -7])
  }

  @Test func syntheticImagesAreRepeatableAndHaveAnyShape() {
    func make(seed: UInt64) -> Dataset {
      .synthetic(
        height: 5, width: 3, channels: 2, classCount: 4, trainingCount: 400, testCount: 7,
        seed: seed)
    }
    let dataset = make(seed: 3)
    #expect((dataset.height, dataset.width, dataset.channels) == (5, 3, 2))
    #expect((dataset.training.count, dataset.test.count) == (400, 7))
    #expect(Set(dataset.training.labels) == [0, 1, 2, 3])
    #expect(dataset.training.pixels == make(seed: 3).training.pixels)
    #expect(dataset.training.pixels != make(seed: 4).training.pixels)
    #expect(dataset.test.pixels != Array(dataset.training.pixels.prefix(7 * 30)))
  }
}
