import Calibration
import Comparisons
import Execution
import Kernels
import NativeEngine
import Networks
import Planning
import Reporting
import Testing
import Training

@testable import Benchmarking

/// Weight gradients that are timed alone, inside steps.
@Suite(.serialized) struct WeightGradientTests {
  private static let batchSize = 6
  private static let layers = ["conv1", "conv2", "fc1", "fc2", "fc3"]

  private static func network() throws -> Network {
    try Model.lenet.network(input: Shape(28, 28, channels: 1), classes: 10)
  }

  private static func trainer(
    _ strategy: String, batchSize: Int = WeightGradientTests.batchSize
  ) throws -> Trainer {
    let network = try network()
    let trainer = try Trainer(
      network, strategy: Strategy(parsing: strategy), batchSize: batchSize,
      engine: Engine(threadCount: 2, instructionSet: .widest), seed: 3)
    trainer.batch.fillWithMadeUpImages(for: network)
    return trainer
  }

  @Test func layersAreTimedInOrderAndSummedUp() throws {
    let names = ["sqrt", "trace:8", "microbatch:3"]
    let benchmark = try StepBenchmark(
      try Self.network(), strategies: try names.map { try Strategy(parsing: $0) },
      batchSize: Self.batchSize, engine: Engine(threadCount: 2, instructionSet: .widest),
      seconds: 0.01, seed: 0)
    let timings = try benchmark.runWeightGradients()
    let rows = Self.layers + ["all"]
    #expect(timings.map(\.layer) == (0..<4).flatMap { _ in rows })
    #expect(
      timings.map(\.strategy)
        == (["full"] + names).flatMap { [String](repeating: $0, count: rows.count) })
    for start in stride(from: 0, to: timings.count, by: rows.count) {
      let own = timings[start..<start + rows.count]
      let all = try #require(own.last)
      #expect(all.samples.count >= 5)
      for round in all.samples.indices {
        let each = own.dropLast().map { $0.samples[round] }
        #expect(each.allSatisfy { $0.wall > 0 && $0.processor > 0 })
        #expect(all.samples[round].wall == each.reduce(0) { $0 + $1.wall })
        #expect(all.samples[round].processor == each.reduce(0) { $0 + $1.processor })
      }
      for (row, timing) in own.enumerated() {
        #expect(timing.fullSamples.map(\.wall) == timings[row].samples.map(\.wall))
        #expect(start == 0 ? timing.ratioToFull == 1 : timing.ratioToFull > 0)
      }
    }
    let csv = WeightGradientReport.csv(timings)
    #expect(
      csv.text.hasPrefix(
        "model,strategy,layer,batch_size,threads,instruction_set,seconds_median,"
          + "processor_seconds_median,steps,processor_ratio_to_full"))
    #expect(csv.rows.map { $0[2] } == timings.map { .text($0.layer) })
    #expect(WeightGradientReport.table(timings).text.contains("microbatch:3"))
  }

  @Test(arguments: ["full", "sqrt", "checkpoint:2", "trace:4", "microbatch:3", "quantize:4"])
  func measuredStepsTrainAsOthers(strategy: String) throws {
    let measured = try Self.trainer(strategy)
    let plain = try Self.trainer(strategy)
    let watch = try WeightGradientWatch(measured.network)
    for _ in 0..<3 {
      _ = try watch.step(measured)
      _ = try plain.step()
    }
    #expect(measured.willRunBackward == nil)
    for index in plain.store.parameters.indices {
      let (values, expected) = unsafe (measured.store.value(index), plain.store.value(index))
      #expect(unsafe values.map(\.bitPattern) == expected.map(\.bitPattern))
      let (gradient, other) = unsafe (measured.store.gradient(index), plain.store.gradient(index))
      #expect(unsafe gradient.map(\.bitPattern) == other.map(\.bitPattern))
    }
  }

  /// Sixty parts of a sample each take longer than one such sample, if not sixty times as long: they
  /// find more in the caches.
  @Test func partsAreSummedUp() throws {
    let trainers = try [
      Self.trainer("full", batchSize: 1), Self.trainer("microbatch:60", batchSize: 60),
    ]
    let watch = try WeightGradientWatch(trainers[0].network)
    let seconds = try trainers.map { trainer in
      try (0..<9).map { _ in try watch.step(trainer).reduce(.zero, +) }.medianProcessor
    }
    #expect(seconds[1] > 4 * seconds[0], "\(seconds)")
  }

  /// What is timed computes the gradients of weights and bias, to the bit, and no other.
  @Test(arguments: ["full", "trace:4"])
  func whatIsTimedIsTheWeightGradientAlone(strategy: String) throws {
    let trainer = try Self.trainer(strategy)
    let watch = try WeightGradientWatch(trainer.network)
    let store = trainer.store
    func gradients(of node: NodeID) -> [[UInt32]] {
      store.parameters.indices.filter { store.parameters[$0].node == node }.map {
        unsafe store.gradient($0).map(\.bitPattern)
      }
    }
    var timed: [NodeID: [[UInt32]]] = [:]
    trainer.willRunBackward = { id, pass in
      guard let layer = watch.layers.first(where: { $0.id == id }) else { return }
      let count = layer.inputShapes[0].elementCount * Self.batchSize
      func inputGradient() -> [UInt32] {
        pass.inputGradients[0].map { destination in
          unsafe UnsafeBufferPointer(start: destination.memory, count: count).map(\.bitPattern)
        } ?? []
      }
      let before = inputGradient()
      _ = WeightGradientWatch.time(layer, pass)
      timed[id] = gradients(of: id)
      #expect(inputGradient() == before)
    }
    _ = try trainer.computeGradients()
    #expect(watch.layers.map(\.name) == Self.layers)
    for layer in watch.layers {
      #expect(timed[layer.id] == gradients(of: layer.id))
      #expect(timed[layer.id]?.count == 2)
    }
  }
}
