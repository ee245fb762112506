import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Testing
import Training

@testable import Comparisons

/// The errors of estimated gradients, on a network that has been trained for a few steps.
@Suite struct GradientErrorTests {
  private static let batchSize = 16
  private static let data = Dataset.synthetic(
    height: 14, width: 14, channels: 2, classCount: 3, trainingCount: 64, testCount: 10)

  private static func trainer(_ strategy: Strategy = .full) throws -> Trainer {
    let network = try Network("tiny", input: Shape(14, 14, channels: 2)) {
      Convolution(3, channels: 8, padding: 1)
      ReLU()
      Convolution(3, channels: 6, padding: 1)
      BatchNormalization()
      ReLU()
      Convolution(2, channels: 4, stride: 2, groups: 2)
      ReLU()
      GlobalAveragePooling()
      Linear(3)
      SoftmaxCrossEntropy()
    }
    let trainer = try Trainer(
      network, strategy: strategy, batchSize: batchSize,
      engine: Engine(threadCount: 2, instructionSet: .widest), optimizer: .sgd(), seed: 3)
    for step in 0..<5 {
      fill(trainer.batch, step)
      _ = try trainer.step()
    }
    return trainer
  }

  private static func fill(_ batch: BatchMemory, _ number: Int) {
    let first = number % 4 * batchSize
    batch.fill(first..<first + batchSize, of: data)
  }

  private static func errors(
    _ store: ParameterStore, draws: Int = 60, batches: Int = 2
  ) -> GradientErrors {
    GradientErrors(
      store, batchSize: batchSize, engine: Engine(threadCount: 2, instructionSet: .widest), seed: 5,
      drawCount: draws, batchCount: batches)
  }

  /// The mean of sixty squares is within a third of its expectation, and so is the prediction, which
  /// leaves small terms out.
  @Test(arguments: [
    "", ",bits=32", ",bits=2", ",deflate=none,bits=32", ",deflate=tiles:4,bits=8",
    ",mask", ",estimator=gaussian-per-sample", ",estimator=rademacher-per-sample,deflate=mean",
  ])
  func measuredErrorsAreThoseThatTheoryPredicts(options: String) throws {
    let store = try Self.trainer().store
    let strategy = try Strategy(parsing: "trace:6\(options)")
    let layers = try Self.errors(store).measure([strategy], fill: Self.fill)[0]
    #expect(layers.map(\.layer) == ["conv2", "conv3"])
    for layer in layers {
      let ratio = layer.squaredError / layer.predictedSquaredError
      #expect(ratio > 0.7 && ratio < 1.45, "\(layer.layer): \(ratio)")
      #expect(layer.compression > 30 && layer.compression < 36)
      #expect(layer.relativeError > 0.01)
      // ĝ = g + an error that is independent of g: ‖ĝ‖² = ‖g‖² + error, and ⟨ĝ, g⟩ = ‖g‖².
      let cosine = 1 / (1 + layer.squaredError / layer.squaredNorm).squareRoot()
      #expect(abs(layer.cosine - cosine) < 0.1)
    }
    let total = LayerGradientError.total(layers)
    #expect(total.squaredError == layers[0].squaredError + layers[1].squaredError)
    #expect(total.byteCount == layers[0].byteCount + layers[1].byteCount)
  }

  /// A bucket for every pixel errs by its rounding and by that of means alone.
  ///
  /// The prediction knows both but for the fractions between levels that the rounding of buckets
  /// decides, and many maps make an error: sixty draws are within a fifth of it.
  @Test(arguments: [
    "", ",deflate=none", ",deflate=tiles:4,bits=8", ",bits=4", ",bits=2",
  ])
  func theRoundingOfABucketForEveryPixelIsPredicted(options: String) throws {
    let store = try Self.trainer().store
    let layers = try Self.errors(store).measure(
      [Strategy(parsing: "trace:60\(options)")], fill: Self.fill)[0]
    #expect(layers.map(\.layer) == ["conv2", "conv3"])
    for layer in layers {
      #expect(layer.representation.contains("fold:196"), "\(layer.representation)")
      let ratio = layer.squaredError / layer.predictedSquaredError
      #expect(ratio > 0.8 && ratio < 1.25, "\(layer.layer): \(ratio)")
      #expect(layer.relativeError > 1e-5)
    }
  }

  @Test func probesThatSamplesShareErrMore() throws {
    let store = try Self.trainer().store
    let strategies = try ["gaussian", "gaussian-per-sample"].map {
      try Strategy(parsing: "trace:6,estimator=\($0)")
    }
    let layers = try Self.errors(store).measure(strategies, fill: Self.fill)
    for (shared, own) in zip(layers[0], layers[1]) {
      #expect(shared.predictedSquaredError == own.predictedSquaredError)
      #expect(shared.squaredError > own.squaredError)
    }
  }

  @Test func exactStrategiesHaveNoErrors() throws {
    let store = try Self.trainer().store
    let measured = try Self.errors(store, draws: 1, batches: 1).measure(
      [.full, Strategy(parsing: "sqrt"), Strategy(parsing: "trace:196")], fill: Self.fill)
    #expect(measured.allSatisfy { $0.isEmpty })
  }

  /// Two batches: half the square of their gradients' difference.
  @Test func theVarianceOfBatchesIsThatOfTheirGradients() throws {
    let trainer = try Self.trainer()
    func gradients(_ number: Int) throws -> [Float] {
      Self.fill(trainer.batch, number)
      _ = try trainer.computeGradients()
      let index = trainer.store.parameters.firstIndex { $0.name == "conv2.w" }
      return unsafe Array(trainer.store.gradient(try #require(index)))
    }
    let expected =
      zip(try gradients(0), try gradients(1)).reduce(0.0) {
        $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
      } / 2
    let strategy = try Strategy(parsing: "trace:6")
    let layer = try #require(
      Self.errors(trainer.store, draws: 1).measure([strategy], fill: Self.fill)[0].first)
    let variance = try #require(layer.batchVariance)
    #expect(abs(variance / expected - 1) < 1e-4)
    #expect(layer.varianceRatio == layer.squaredError / variance)
    let same = try Self.errors(trainer.store, draws: 1).measure([strategy]) { batch, _ in
      Self.fill(batch, 0)
    }[0]
    #expect(try #require(same[0].batchVariance) < 1e-6 * layer.squaredNorm)
    let one = try Self.errors(trainer.store, draws: 1, batches: 1)
      .measure([strategy], fill: Self.fill)[0]
    #expect(one[0].batchVariance == nil && one[0].varianceRatio == nil)
  }

  @Test func theDefaultErrsLessThanWhatWasPublished() throws {
    let store = try Self.trainer().store
    let comparison = try EstimatorComparison(
      Self.errors(store, draws: 20, batches: 1), probeCounts: [4, 16], fill: Self.fill)
    #expect(comparison.rows.map(\.probeCount) == [4, 4, 16, 16])
    for row in comparison.rows {
      #expect(row.proposed.byteCount <= row.published.byteCount)
      #expect(row.gain > 1)
    }
    let gains = comparison.rows.prefix(2).map(\.gain)
    let mean = try #require(comparison.meanGain(probeCount: 4))
    #expect(abs(mean / (gains[0] * gains[1]).squareRoot() - 1) < 1e-9)
    #expect(mean > 4)
    #expect(try #require(comparison.meanGain(probeCount: 16)) > 10)
    #expect(comparison.meanGain(probeCount: 5) == nil)
  }

  @Test func aStudyTrainsBeforeItCompares() throws {
    let network = try Self.trainer().network
    func study(steps: Int) throws -> EstimatorStudy {
      try EstimatorStudy(
        network, data: Self.data,
        settings: ComparisonSettings(batchSize: Self.batchSize, stepCount: steps, seed: 2),
        probeCounts: [4], engine: Engine(threadCount: 2, instructionSet: .widest))
    }
    var progress: [Int] = []
    let rows = try study(steps: 3).run(progress: { progress.append($0) }).rows
    #expect(progress == [1, 2, 3])
    #expect(rows.map(\.published.layer) == ["conv2", "conv3"])
    #expect(rows.allSatisfy { $0.published.batchVariance == nil && $0.gain > 1 })
    #expect(
      try study(steps: 1).run().rows[0].published.squaredNorm != rows[0].published.squaredNorm)
    #expect(throws: StepError.self) { try study(steps: 1).run(shouldStop: { true }) }
    #expect(throws: BatchSizeError.self) {
      try EstimatorStudy(
        network, data: Self.data, settings: ComparisonSettings(batchSize: 65), probeCounts: [4],
        engine: Engine(threadCount: 1, instructionSet: .widest))
    }
  }

  // MARK: Budgets

  /// Twice two estimates of the same gradient tell their variance, without the exact one.
  @Test func variancesAreMeasuredWithoutTheExactGradient() throws {
    let strategy = try Strategy(parsing: "trace:2KiB")
    let trainer = try Self.trainer(strategy)
    Self.fill(trainer.batch, 0)
    let measured = try trainer.measuredSketchVariances(pairCount: 40)
    let layers = try Self.errors(trainer.store, batches: 1).measure([strategy], fill: Self.fill)[0]
    let found = Dictionary(
      uniqueKeysWithValues: layers.compactMap { layer in
        layer.node.map { (trainer.network.nodes[$0].inputs[0], layer.squaredError) }
      })
    let expected = trainer.trainingStep.firstSchedule.sketchVariances(from: found)
    #expect(expected.keys.sorted() == measured.keys.sorted() && measured.count == 2)
    for (value, variance) in expected {
      #expect(abs((measured[value] ?? 0) / variance - 1) < 0.3)
    }
    #expect(try Self.trainer().measuredSketchVariances().isEmpty)
  }

  /// After bytes were shared out anew by what was measured, all layers together err less, or as much.
  @Test func sharingOutByMeasuredVariancesErrsLess() throws {
    let strategy = try Strategy(parsing: "trace:3KiB")
    let trainer = try Self.trainer(strategy)
    Self.fill(trainer.batch, 0)
    let replanned = strategy.replanned(from: try trainer.measuredSketchVariances(pairCount: 20))
    #expect(replanned.description == strategy.description)
    let layers = try Self.errors(trainer.store, batches: 1)
      .measure([strategy, replanned], fill: Self.fill)
    let totals = layers.map { LayerGradientError.total($0) }
    #expect(totals[1].byteCount <= 3 << 10)
    #expect(layers[0].map(\.representation) != layers[1].map(\.representation))
    #expect(totals[1].squaredError < totals[0].squaredError)
    let steps = trainer.stepCount
    try trainer.follow(replanned)
    _ = try trainer.step()
    #expect(trainer.stepCount == steps + 1)
    #expect(
      trainer.trainingStep.firstSchedule.representations[trainer.network.nodes[3].id][0].description
        == layers[1][0].representation)
  }
}
