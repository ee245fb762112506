import Execution
import Networks
import Planning
import Schedules
import Testing
import Training

/// Micro-batches: forecast = ledger, and the gradients of the whole batch but for rounding.
@Suite(.serialized) struct MicroBatchTests {
  /// The norm of the difference of all gradients over the norm of those of full storage.
  private func relativeError(_ trainer: Trainer, _ full: Trainer) -> Double {
    var (difference, norm) = (0.0, 0.0)
    for index in full.store.parameters.indices {
      let (own, exact) = unsafe (trainer.store.gradient(index), full.store.gradient(index))
      for element in 0..<own.count {
        let value = unsafe Double(exact[element])
        let error = unsafe Double(own[element]) - value
        difference += error * error
        norm += value * value
      }
    }
    return (difference / norm).squareRoot()
  }

  @Test(arguments: [Model.lenet, .vgg8, .vgg16], [2, 3, 12])
  func gradientsAreThoseOfTheWholeBatch(model: Model, partCount: Int) throws {
    let network = try model.small()
    let full = try Trainer.forTest(network, .full, batchSize: 12)
    for recomputation in [Recomputation.none, .squareRoot] {
      let parts = try Trainer.forTest(
        network, Strategy(recomputation: recomputation, partCount: partCount), batchSize: 12)
      for round in 0..<2 {
        full.fillBatch(round: round)
        parts.fillBatch(round: round)
        let whole = try full.computeGradients()
        let result = try parts.computeGradients()
        #expect(result.timeline == parts.forecast.timeline)
        #expect(result.report.correctPredictions == whole.report.correctPredictions)
        #expect(abs(result.report.loss - whole.report.loss) <= 1e-5 * whole.report.loss)
        let error = relativeError(parts, full)
        // Sums of some thousands of products in another order: a few units of the 24th bit.
        #expect(error < 2e-6, "\(error)")
        #expect(error > 0)
      }
      let peaks = [full, parts].map { $0.forecast.activationPeakByteCount }
      #expect(peaks[1] < peaks[0])
    }
  }

  /// Parts differ in the random numbers of their sketches and roundings.
  @Test func partsDrawNumbersOfTheirOwn() throws {
    let network = try Model.vgg8.small()
    let strategy = Strategy(
      approximation: .quantization(Quantization(bits: .one, seed: 0)), partCount: 2)
    let trainer = try Trainer.forTest(network, strategy, batchSize: 4)
    // Both parts are the same samples: with the same numbers the gradients would be those of one.
    let count = trainer.batch.sampleElementCount * 2
    for index in 0..<count {
      unsafe trainer.batch.samples[count + index] = trainer.batch.samples[index]
    }
    for index in 0..<2 { unsafe trainer.batch.labels[2 + index] = trainer.batch.labels[index] }
    let half = try Trainer.forTest(
      network, Strategy(approximation: strategy.approximation), batchSize: 2)
    for index in 0..<count { unsafe half.batch.samples[index] = trainer.batch.samples[index] }
    for index in 0..<2 { unsafe half.batch.labels[index] = trainer.batch.labels[index] }
    _ = try trainer.computeGradients()
    _ = try half.computeGradients()
    #expect(relativeError(trainer, half) > 1e-3)
  }

  @Test func whatCannotBeDividedIsRefused() throws {
    let message = #expect(throws: ScheduleError.self) {
      try Schedule.training(
        Model.resnet8.small(), strategy: Strategy(partCount: 2), batchSize: 4, threadCount: 1)
    }?.description
    #expect(message?.contains("stem.bn normalises the samples of a batch together") == true)
    let uneven = #expect(throws: ScheduleError.self) {
      try Schedule.training(
        Model.lenet.small(), strategy: Strategy(partCount: 3), batchSize: 4, threadCount: 1)
    }?.description
    #expect(uneven?.contains("cannot divide a batch of 4") == true)
  }
}
