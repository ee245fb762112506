import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Testing
import Training

/// Micro-batches: forecast = ledger, the gradients of the whole batch but for rounding, and to the bit
/// those of steps of their own, added in order.
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
        let scope = parts.ledger.beginScope()
        let result = try parts.computeGradients()
        #expect(result.timeline == parts.forecast.timeline)
        #expect(scope.end().globalPeak == parts.forecast.peakByteCount)
        #expect(parts.ledger.current == parts.baseline.bytes)
        #expect(result.savedByteCount == parts.trainingStep.savedByteCount)
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

  /// (g₁ + g₂) + g₃ where each is a step of its own: machines that have a part each can add up the same
  /// bits.
  @Test(arguments: [Model.lenet, .vgg8, .vgg16], ["", "+sqrt", "+quantize:2", "+trace:4"])
  func gradientsAreAddedInOrder(model: Model, spelling: String) throws {
    try expectSumInOrder(try model.small(), spelling)
  }

  /// Also those of a parameter that two nodes name and that is derived from another, beside one that is
  /// frozen.
  @Test func sharedGradientsAreAddedInOrder() throws {
    let convolution = Convolution(3, channels: 4, padding: 1)
    var graph = try GraphBuilder(name: "shared", input: Shape(9, 9, channels: 1))
    let stem = try graph.add(Convolution(3, channels: 4), inputs: [Network.input], name: "stem")
    let first = try graph.group("body") { (graph) throws(NetworkError) in
      try convolution.deriving("w", by: WeightStandardization())
        .build(in: &graph, after: stem, name: "conv")
    }
    let rectified = try graph.add(ReLU(), inputs: [first])
    let second = try Repeated("body", as: "again") { convolution.named("conv") }
      .build(in: &graph, after: rectified, name: nil)
    let means = try graph.add(GlobalAveragePooling(), inputs: [second])
    let scores = try graph.add(Linear(10), inputs: [means], name: "fc")
    try graph.add(SoftmaxCrossEntropy(), inputs: [scores])
    try expectSumInOrder(try graph.network().training(only: ["body", "fc"]), "")
  }

  private func expectSumInOrder(_ network: Network, _ spelling: String) throws {
    for (count, threadCount) in [(2, 2), (3, 1), (6, 4)] {
      let whole = try Trainer.forTest(
        network, strategy("microbatch:\(count)\(spelling)"), batchSize: 6,
        threadCount: threadCount)
      #expect(try whole.computeGradients().timeline == whole.forecast.timeline)
      let size = 6 / count
      let part = Step(
        schedules: whole.trainingStep.schedules,
        runs: [Run(scheduleIndex: 0, samples: 0..<size, gradientShare: 1 / Float(count))])
      let seed = RandomStream.word(7, 0)
      var sums: [[Float]] = []
      for index in 0..<count {
        let gradients = try gradients(
          of: part, samples: index * size..<(index + 1) * size, of: whole,
          seed: index == 0 ? seed : RandomStream.word(seed, -index))
        sums = index == 0 ? gradients : zip(sums, gradients).map { zip($0, $1).map(+) }
      }
      #expect(whole.gradientBits == sums.map { $0.map(\.bitPattern) })
    }
  }

  /// The gradients of a step of its own over some of a trainer's samples.
  private func gradients(
    of step: Step, samples: Range<Int>, of whole: Trainer, seed: UInt64
  ) throws -> [[Float]] {
    let ledger = try Ledger(for: step.network)
    let store = try ParameterStore(network: step.network, ledger: ledger, seed: 7)
    let batch = try BatchMemory(network: step.network, batchSize: samples.count, ledger: ledger)
    let (floats, labels) = (batch.sampleElementCount, batch.sampleLabelCount)
    for index in unsafe batch.samples.indices {
      unsafe batch.samples[index] = whole.batch.samples[samples.lowerBound * floats + index]
    }
    for index in unsafe batch.labels.indices {
      unsafe batch.labels[index] = whole.batch.labels[samples.lowerBound * labels + index]
    }
    let executor = Executor(
      step: step,
      engine: try Engine(threadCount: step.threadCount, instructionSet: .chosen()),
      ledger: ledger)
    _ = try executor.run(store: store, batch: batch, seed: seed)
    return store.parameters.indices.map { unsafe Array(store.gradient($0)) }
  }

  /// Runs need not do the same: a step of two schedules, and one whose parts are of unequal sizes.
  @Test func runsMayDiffer() throws {
    let network = try Model.vgg8.small()
    func schedule(_ spelling: String, _ size: Int) throws -> Schedule {
      try Step.training(
        network, strategy: strategy(spelling), batchSize: size, threadCount: 2
      ).firstSchedule
    }
    let step = Step(
      schedules: [try schedule("full", 4), try schedule("sqrt", 1)],
      runs: [
        Run(scheduleIndex: 1, samples: 0..<1, gradientShare: 1 / 6),
        Run(scheduleIndex: 0, samples: 1..<5, gradientShare: 4 / 6),
        Run(scheduleIndex: 1, samples: 5..<6, gradientShare: 1 / 6),
      ])
    for arrangement in MemoryArrangement.allCases {
      let trainer = try Trainer(
        step: step, engine: Engine(threadCount: 2, instructionSet: .chosen()), optimizer: .sgd(),
        ledger: Ledger(for: network), arrangement: arrangement, seed: 7)
      trainer.fillBatch(round: 0)
      try Validator.check(step, baseline: trainer.baseline)
      let full = try Trainer.forTest(network, .full, batchSize: 6)
      let whole = try full.computeGradients()
      for _ in 0..<2 {
        let result = try trainer.computeGradients()
        #expect(result.timeline == trainer.forecast.timeline)
        #expect(abs(result.report.loss - whole.report.loss) <= 1e-5 * whole.report.loss)
        #expect(relativeError(trainer, full) < 2e-6)
      }
    }
    let wrong = Step(
      schedules: step.schedules,
      runs: [Run(scheduleIndex: 0, samples: 0..<3, gradientShare: 1)])
    #expect(throws: InvalidSchedule.self) {
      try Validator.check(
        wrong, baseline: BaselineMemory(network: network, batchSize: 3, optimizerStateCount: 0))
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
      try Step.training(
        Model.resnet8.small(), strategy: Strategy(partCount: 2), batchSize: 4, threadCount: 1)
    }?.description
    #expect(message?.contains("stem.bn normalises the samples of a batch together") == true)
    let uneven = #expect(throws: ScheduleError.self) {
      try Step.training(
        Model.lenet.small(), strategy: Strategy(partCount: 3), batchSize: 4, threadCount: 1)
    }?.description
    #expect(uneven?.contains("cannot divide a batch of 4") == true)
  }
}
