import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Testing
import Training

/// Networks with several ends run as every other: to the byte, and to the bit under every strategy.
@Suite(.serialized) struct OpenGraphExecutionTests {
  private let image = Shape(10, 10, channels: 2)

  /// Two losses of classes, one on the way, one of numbers, and outputs within and beside the way.
  private func heads(
    weights: [Float] = [0.3, 0.5, 1], only kept: Set<Int> = [0, 1, 2]
  ) throws -> Network {
    var graph = try GraphBuilder(name: "heads", input: image)
    func layer(
      _ operation: any NetworkOperation, _ input: NodeID, _ name: String
    ) throws -> NodeID { try graph.add(operation, inputs: [input], name: name) }
    func end(_ index: Int, _ loss: any NetworkOperation, _ input: NodeID) throws {
      guard kept.contains(index) else { return }
      try graph.weigh(try layer(loss, input, "loss\(index)"), by: weights[index])
    }
    let stem = try layer(Convolution(3, channels: 6, padding: 1), 0, "stem")
    let first = try layer(ReLU(), stem, "first")
    let early = try layer(GlobalAveragePooling(), first, "early")
    let scores = try layer(Linear(10), early, "scores")
    try end(0, SoftmaxCrossEntropy(classWeights: (0..<10).map { 1 + Float($0 % 3) }), scores)
    let conv = try layer(Convolution(3, channels: 6, padding: 1), first, "conv")
    try graph.markOutput(conv)
    let second = try layer(ReLU(), conv, "second")
    let sum = try graph.add(Add(), inputs: [second, first], name: "sum")
    // The value that this loss reads goes on.
    try end(1, ValueLoss.huber(), sum)
    let third = try layer(Convolution(3, channels: 8), sum, "third")
    let side = try layer(Convolution(1, channels: 2), third, "side")
    try graph.markOutput(side)
    let pooled = try layer(GlobalAveragePooling(), third, "pooled")
    try end(2, SoftmaxCrossEntropy(), try layer(Linear(10), pooled, "fc"))
    return try graph.network(pruning: true)
  }

  private func trainer(
    _ network: Network, _ strategy: Strategy = .full, threadCount: Int = 2
  ) throws -> Trainer {
    let trainer = try Trainer.forTest(network, strategy, batchSize: 4, threadCount: threadCount)
    for loss in network.losses {
      let targets = unsafe trainer.batch.targets(of: loss.node)
      for index in targets.indices { unsafe targets[index] = Float(index % 7) / 7 }
    }
    return trainer
  }

  @Test(arguments: allStrategies + [strategy("optimal:72KiB"), strategy("checkpoint:4")])
  func everyStrategyRunsThem(strategy: Strategy) throws {
    let network = try heads()
    let reference = try trainer(network, threadCount: 1)
    let first = try reference.computeGradients()
    for threadCount in [1, 2, 4] {
      let trainer = try trainer(network, strategy, threadCount: threadCount)
      try Validator.check(trainer.trainingStep, baseline: trainer.baseline)
      #expect(trainer.ledger.current == trainer.baseline.bytes)
      let result = try trainer.computeGradients()
      #expect(result.timeline == trainer.forecast.timeline)
      #expect(trainer.ledger.current == trainer.baseline.bytes)
      #expect(result.losses == first.losses)
      if strategy.approximation == nil {
        #expect(trainer.gradientBits == reference.gradientBits, "\(threadCount) threads")
      }
    }
  }

  @Test func theGradientIsTheWeightedSum() throws {
    let all = try trainer(heads())
    let report = try all.computeGradients()
    let names = all.store.parameters.map(\.name)
    var sums = all.store.parameters.map {
      [Double](repeating: 0, count: $0.description.elementCount)
    }
    var loss: Float = 0
    for (index, weight) in [0.3, 0.5, 1].enumerated() {
      let alone = try trainer(heads(weights: [1, 1, 1], only: [index]))
      for (position, parameter) in alone.store.parameters.enumerated() {
        let place = try #require(names.firstIndex(of: parameter.name))
        // The same values, whatever the network's other layers are.
        _ = unsafe alone.store.value(position).update(fromContentsOf: all.store.value(place))
      }
      let result = try alone.computeGradients()
      #expect(
        abs(result.report.loss - report.losses[index].report.loss) <= 1e-6 * result.report.loss)
      loss += Float(weight) * result.report.loss
      for (position, parameter) in alone.store.parameters.enumerated() where parameter.isTrained {
        let place = try #require(names.firstIndex(of: parameter.name))
        for (element, value) in unsafe Array(alone.store.gradient(position)).enumerated() {
          sums[place][element] += weight * Double(value)
        }
      }
    }
    #expect(abs(report.report.loss - loss) <= 1e-6 * loss)
    #expect(report.losses.map(\.name) == ["loss0", "loss1", "loss2"])
    #expect(report.losses.map(\.weight) == [0.3, 0.5, 1])
    for (index, parameter) in all.store.parameters.enumerated() where parameter.isTrained {
      let largest = sums[index].reduce(0) { max($0, abs($1)) }
      #expect(largest > 0, "\(parameter.name)")
      let worst = unsafe zip(all.store.gradient(index), sums[index]).reduce(0) {
        max($0, abs(Double($1.0) - $1.1))
      }
      #expect(worst <= 1e-5 * largest, "\(parameter.name): \(worst) of \(largest)")
    }
    // Beside the way: run and handed out, not trained.
    #expect(all.store.parameters.filter { !$0.isTrained }.map(\.nodeName) == ["side", "side"])
  }

  @Test func weightsOfPartsAndOfLossesMultiply() throws {
    let network = try Network("net", input: image) {
      Convolution(3, channels: 4)
      ReLU()
      Auxiliary {
        GlobalAveragePooling()
        Linear(10)
        SoftmaxCrossEntropy().weighted(0.25)
      }
      Flatten()
      Linear(10)
      SoftmaxCrossEntropy(reduction: .sum).weighted(2)
    }
    let whole = try trainer(network)
    let parts = try trainer(network, strategy("microbatch:2"))
    let first = try whole.computeGradients()
    let second = try parts.computeGradients()
    for (a, b) in zip(first.losses, second.losses) {
      #expect(abs(a.report.loss - b.report.loss) <= 1e-5 * a.report.loss)
    }
    for index in whole.store.parameters.indices {
      let gradient = unsafe Array(whole.store.gradient(index))
      let largest = gradient.reduce(0) { max($0, abs($1)) }
      #expect(
        unsafe zip(gradient, parts.store.gradient(index)).allSatisfy {
          abs($0 - $1) <= 1e-5 * largest
        }, "\(whole.store.parameters[index].name)")
    }
    // The mean over labels of unequal weight is not one of means over parts.
    #expect(throws: ScheduleError.self) { try trainer(heads(), strategy("microbatch:2")) }
  }

  // MARK: Without a loss

  @Test func aNetworkWithoutALossRuns() throws {
    let network = try Network("features", input: image) {
      Convolution(3, channels: 4).named("conv")
      Output()
      ReLU()
      GlobalAveragePooling().named("pooled")
    }
    let engine = try Engine(threadCount: 2, instructionSet: .chosen())
    let store = try ParameterStore(network: network, ledger: Ledger(for: network), seed: 3)
    let inference = try Inference(store, batchSize: 3, engine: engine)
    for index in unsafe inference.batch.samples.indices {
      unsafe inference.batch.samples[index] = Float(index % 13) - 6
    }
    let outputs = try inference.run()
    #expect(outputs.map(\.name) == ["conv", "pooled"])
    #expect(outputs.map(\.values.count) == [3 * 8 * 8 * 4, 3 * 4])
    // What is handed out in between is the value before the rectifier.
    #expect(outputs[0].values.contains { $0 < 0 })
    for channel in 0..<4 {
      let mean = (0..<64).reduce(0) { $0 + max(0, outputs[0].values[4 * $1 + channel]) } / 64
      #expect(abs(outputs[1].values[channel] - mean) <= 1e-5 * max(1, mean))
    }
    #expect(
      Forecast(
        inference.step,
        baseline: BaselineMemory(network: network, batchSize: 3, optimizerStateCount: 0)
      ).peakByteCount > 0)
    let error = #expect(throws: ScheduleError.self) {
      try Step.training(network, strategy: .full, batchSize: 3, threadCount: 1)
    }
    #expect(error?.description.contains("features has no loss to train") == true)
  }

  // MARK: Targets and labels

  @Test func numbersAreLearned() throws {
    let network = try Network("regression", input: image) {
      Flatten()
      Linear(3)
      ValueLoss.squares()
    }
    let trainer = try trainer(network)
    #expect(unsafe trainer.batch.targets(of: network.losses[0].node).count == 12)
    #expect(unsafe trainer.batch.labels.isEmpty)
    let first = try trainer.step().report.loss
    for _ in 0..<30 { _ = try trainer.step() }
    #expect(try trainer.step().report.loss < 0.5 * first)
  }

  @Test func aLabelBeyondTheClassesIsRefused() throws {
    let network = try Network("net", input: image) {
      Flatten()
      Linear(10)
      SoftmaxCrossEntropy(ignoredLabel: -1).named("end")
    }
    let trainer = try trainer(network)
    unsafe trainer.batch.labels[1] = -1
    _ = try trainer.computeGradients()
    for label in [10, -2, .max] as [Int32] {
      unsafe trainer.batch.labels[2] = label
      let before = trainer.state
      let error = #expect(throws: StepError.self) { try trainer.step() }
      #expect(
        error?.description == "end: label 2 of the batch is \(label); the classes are 0 to 9")
      #expect(trainer.state == before)
      #expect(trainer.ledger.current == trainer.baseline.bytes)
    }
  }
}
