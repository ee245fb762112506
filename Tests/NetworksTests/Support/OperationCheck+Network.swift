import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Training

extension OperationCheck {
  /// Strategies of every kind; a network that one does not fit is left out.
  private static let strategies = [
    "full", "sqrt", "checkpoint:2", "revolve:2", "mixed:2", "optimal:3/4", "spill:64KiB",
    "microbatch:2", "quantize:4", "trace:4", "checkpoint:2+trace:4,mask",
  ]

  /// The operation amid others: forecast = ledger, the same bits under exact strategies, and nothing
  /// left behind.
  func network() throws {
    let network = try surroundings()
    var exact: [[UInt32]]?
    for spelling in Self.strategies {
      let strategy = try Strategy(parsing: spelling)
      for threadCount in [1, 2] {
        let trainer: Trainer
        do {
          trainer = try Trainer(
            network, strategy: strategy, batchSize: 4,
            engine: Engine(threadCount: threadCount, instructionSet: .widest), seed: 5)
        } catch is ScheduleError {
          continue
        }
        trainer.fill()
        let context = "\(spelling), \(threadCount) threads"
        try Validator.check(trainer.trainingStep, baseline: trainer.baseline)
        let result = try trainer.computeGradients()
        expect(result.timeline == trainer.forecast.timeline, "\(context): forecast ≠ ledger")
        expect(
          trainer.ledger.current == trainer.baseline.bytes, "\(context): something is left behind")
        let bits = trainer.store.parameters.indices.map { index in
          unsafe trainer.store.gradient(index).map(\.bitPattern)
        }
        guard strategy.exactness == .exact else { continue }
        if let exact { expect(bits == exact, "\(context): other bits than full") }
        exact = exact ?? bits
      }
    }
  }

  /// A network in which every input needs a gradient and the output has several readers.
  private func surroundings() throws -> Network {
    let map = inputs.first { !$0.spatial.isEmpty } ?? inputs[0]
    var graph = try GraphBuilder(
      name: operation.kind, input: Shape(spatial: map.spatial, channels: 2))
    var sources: [NodeID] = []
    for shape in inputs {
      var value = Network.input
      if shape.spatial == map.spatial, !map.spatial.isEmpty {
        value = try graph.add(Convolution(1, channels: shape.channels), inputs: [value])
      } else {
        precondition(
          shape.spatial.isEmpty, "inputs are vectors or have the extents of the first map")
        if !map.spatial.isEmpty {
          value = try graph.add(GlobalAveragePooling(), inputs: [value])
        }
        value = try graph.add(Linear(shape.channels), inputs: [value])
      }
      sources.append(value)
    }
    let output = try graph.add(operation, inputs: sources, name: "operation")
    guard !operation.isLoss else { return try graph.network() }
    let rectified = try graph.add(ReLU(), inputs: [output])
    var value = try graph.add(Add(), inputs: [output, rectified])
    if !graph.shape(of: value).spatial.isEmpty {
      value = try graph.add(GlobalAveragePooling(), inputs: [value])
    }
    value = try graph.add(Linear(3), inputs: [value])
    try graph.add(SoftmaxCrossEntropy(), inputs: [value])
    return try graph.network()
  }
}

extension Trainer {
  /// Fills the batch with samples and classes.
  fileprivate func fill() {
    let samples = unsafe batch.samples
    for index in 0..<samples.count { unsafe samples[index] = Float(index &* 7 % 31) / 16 - 1 }
    let labels = unsafe batch.labels
    for index in 0..<labels.count { unsafe labels[index] = Int32(index % network.classCount) }
    for loss in network.losses {
      let targets = unsafe batch.targets(of: loss.node)
      for index in 0..<targets.count { unsafe targets[index] = Float(index % 11) / 11 }
    }
  }
}
