import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Testing
import Training

/// Networks of activations, products and dropout, under all strategies.
@Suite(.serialized) struct ElementOperationTests {
  /// Every operation of one element or two, among convolutions.
  static func network(normalizes: Bool = true) throws -> Network {
    var graph = try GraphBuilder(name: "elements", input: Shape(9, 9, channels: 2))
    func add(
      _ operations: any NetworkOperation..., after input: NodeID
    ) throws(NetworkError) -> NodeID {
      var value = input
      for operation in operations { value = try graph.add(operation, inputs: [value]) }
      return value
    }
    func convolution() -> Convolution { Convolution(3, channels: 6, padding: 1) }
    var value = try add(convolution(), after: Network.input)
    if normalizes { value = try add(BatchNormalization(), after: value) }
    // Only its backward pass reads the first one's output, and a convolution too that of the second.
    value = try add(
      Activation(.relu6), AveragePooling(2, stride: 1), Dropout(0.5), convolution(),
      Activation(.hardSigmoid), convolution(), Activation(.silu), after: value)
    let squeezed = try add(
      GlobalAveragePooling(), Linear(3), Activation(.hardSwish), Linear(6), Activation(.sigmoid),
      after: value)
    value = try graph.add(Multiply(), inputs: [value, squeezed])
    let body = try add(
      convolution(), Activation(.gelu), LocalResponseNormalization(size: 3, alpha: 0.5),
      Dropout(0.4, over: .sample), after: value)
    value = try graph.add(Add(), inputs: [value, body])
    value = try add(
      ParametricReLU(), convolution(), ParametricReLU(perChannel: false),
      Activation(.elu(alpha: 1)),
      Activation(.tanh), Dropout(0.3, over: .channel), after: value)
    let attention = try add(
      Convolution(1, channels: 1), Activation(.softplus(beta: 1, threshold: 20)), after: value)
    value = try graph.add(Multiply(), inputs: [value, attention])
    value = try graph.add(Subtract(), inputs: [value, squeezed])
    value = try graph.add(Multiply(), inputs: [value, value])
    let clipped = try add(
      convolution(), Activation(.clipped(lower: -0.5, upper: 0.5)), after: value)
    value = try add(Activation(.mish), after: value)
    value = try graph.add(Subtract(), inputs: [value, clipped])
    value = try add(GlobalAveragePooling(), Dropout(0.5), Linear(10), after: value)
    try graph.add(SoftmaxCrossEntropy(), inputs: [value])
    return try graph.network()
  }

  static let exact =
    [Strategy.full] + exactStrategies + [strategy("optimal:2/3"), strategy("optimal:1/2")]

  @Test(arguments: exact)
  func bitsAreThoseOfFullStorage(strategy: Strategy) throws {
    let network = try Self.network()
    func run(_ strategy: Strategy, _ threadCount: Int) throws -> [[UInt32]] {
      let trainer = try Trainer.forTest(network, strategy, batchSize: 4, threadCount: threadCount)
      var losses: [UInt32] = []
      for round in 0..<3 {
        trainer.fillBatch(round: round)
        let result = try trainer.step()
        losses.append(result.report.loss.bitPattern)
        #expect(result.timeline == trainer.forecast.timeline)
      }
      return trainer.state + trainer.gradientBits + [losses]
    }
    let reference = try run(.full, 1)
    for threadCount in [1, 2, 4] {
      let isSame = try run(strategy, threadCount) == reference
      #expect(isSame, "\(strategy), \(threadCount) threads")
    }
  }

  @Test(arguments: approximateStrategies + quantizingStrategies)
  func estimatesAreForecastAndTheSameForAnyNumberOfThreads(strategy: Strategy) throws {
    let network = try Self.network()
    func run(_ threadCount: Int) throws -> [[UInt32]] {
      let trainer = try Trainer.forTest(network, strategy, batchSize: 9, threadCount: threadCount)
      let result = try trainer.step()
      #expect(result.timeline == trainer.forecast.timeline)
      return trainer.state + trainer.gradientBits
    }
    let isSame = try run(1) == run(3)
    #expect(isSame)
  }

  /// The output of a clipped activation is one bit an element where only its own backward pass reads
  /// it, and whole, once, where a convolution reads it too.
  @Test func clippedActivationsKeepABit() throws {
    let network = try Self.network()
    let schedule = try Step.training(network, strategy: .full, batchSize: 8, threadCount: 1)
      .firstSchedule
    let clipped = network.nodes.filter { $0.operation.outputMask != nil }
    #expect(clipped.map(\.operation.kind) == ["relu6", "hardsigmoid", "hardtanh"])
    #expect(
      clipped.map { schedule.representations[$0.id] } == [[.signMask], [.whole], [.signMask]])
    let masks = schedule.actions.flatMap(\.creates).filter { creation in
      if case .encoded(_, .signMask) = creation.item { return true }
      return false
    }
    #expect(masks.map(\.owner) == [clipped[0].id, clipped[2].id])
    #expect(network.byteCount(of: masks[0].item, batchSize: 8) == (8 * 9 * 9 * 6 + 7) / 8)
    // The mask is packed while the output is written.
    for creation in masks {
      #expect(
        schedule.actions.contains {
          $0.deeds == [.forward(creation.owner), .encode(creation.owner, .signMask)]
        })
    }
  }

  /// Dropout keeps nothing, and nothing else is kept for its sake.
  @Test func dropoutKeepsNothing() throws {
    func savedBytes(_ dropouts: [any NetworkOperation]) throws -> Int {
      let network = try Network("dropouts", input: Shape(8, 8, channels: 1)) {
        Convolution(3, channels: 4, padding: 1)
        Activation(.silu)
        dropouts.map { $0 as any Layer }
        Flatten()
        Linear(10)
        SoftmaxCrossEntropy()
      }
      return try Step.training(network, strategy: .full, batchSize: 4, threadCount: 1)
        .savedByteCount
    }
    let without = try savedBytes([])
    #expect(
      try savedBytes([Dropout(0.5), Dropout(0.5, over: .channel), Dropout(0.5, over: .sample)])
        == without)
  }

  // MARK: Masks

  private func dropping(_ dropout: any NetworkOperation) throws -> Network {
    try Network("dropping", input: Shape(6, 6, channels: 1)) {
      Convolution(3, channels: 8, padding: 1)
      dropout
      GlobalAveragePooling()
      Linear(10)
      SoftmaxCrossEntropy()
    }
  }

  static let dropouts: [any NetworkOperation] = [
    Dropout(0.5), Dropout(0.5, over: .channel), Dropout(0.5, over: .sample),
  ]

  @Test(arguments: dropouts)
  func stepsDropOthersOutAndARepetitionTheSame(dropout: any NetworkOperation) throws {
    let trainer = try Trainer(
      dropping(dropout), strategy: .full, batchSize: 8,
      engine: Engine(threadCount: 2, instructionSet: .chosen()),
      optimizer: .sgd(learningRate: 0), seed: 3)
    trainer.fillBatch(round: 0)
    let first = try trainer.computeGradients().report.loss
    let firstGradients = trainer.gradientBits
    #expect(try trainer.step().report.loss == first)
    #expect(trainer.gradientBits == firstGradients)
    let second = try trainer.computeGradients().report.loss
    #expect(second != first)
    #expect(trainer.gradientBits != firstGradients)
    // Other draws are of what represents values: the same elements drop out.
    #expect(try trainer.computeGradients(drawing: 5).report.loss == second)
  }

  @Test(arguments: dropouts)
  func partsDropOthersOut(dropout: any NetworkOperation) throws {
    let network = try dropping(dropout)
    let trainer = try Trainer.forTest(network, Strategy(partCount: 2), batchSize: 8)
    let half = try Trainer.forTest(network, .full, batchSize: 4)
    // Both parts are the same samples.
    for (batch, offsets) in [(trainer.batch, [0, 4]), (half.batch, [0])] {
      for offset in offsets {
        for index in 0..<4 * batch.sampleElementCount {
          unsafe batch.samples[offset * batch.sampleElementCount + index] =
            Float(index % 13) / 13
        }
        for index in 0..<4 { unsafe batch.labels[offset + index] = Int32(index) }
      }
    }
    // The first part is the half batch with the same seed; the mean would be its loss.
    let loss = try trainer.computeGradients().report.loss
    #expect(loss != (try half.computeGradients().report.loss))
  }

  /// In inference nothing drops out: the loss is that of the network without.
  @Test(arguments: dropouts)
  func inferenceChangesNothing(dropout: any NetworkOperation) throws {
    func loss(_ dropout: any NetworkOperation) throws -> Float {
      let network = try dropping(dropout)
      let trainer = try Trainer.forTest(network, .full, batchSize: 8)
      let step = try Step.inference(network, batchSize: 8, threadCount: 2)
      let executor = Executor(
        step: step, engine: try Engine(threadCount: 2, instructionSet: .chosen()),
        ledger: trainer.ledger)
      return try executor.run(store: trainer.store, batch: trainer.batch, seed: 1).report.loss
    }
    let (inferred, without) = try (loss(dropout), loss(Dropout(0)))
    #expect(inferred == without)
  }
}
