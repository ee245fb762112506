import Execution
import Networks
import Planning
import Schedules
import Testing
import Training

/// Invariant I3: exact strategies give the bits of full storage, with any number of threads.
@Suite(.serialized) struct ExactnessTests {
  @Test(arguments: Model.named)
  func tenStepsGiveTheSameBits(model: Model) throws {
    let network = try model.small()
    let reference = try run(network, .full, threadCount: 1, stepCount: 10)
    for strategy in [.full] + exactStrategies {
      for threadCount in [1, 2, 4] {
        #expect(
          try run(network, strategy, threadCount: threadCount, stepCount: 10) == reference,
          "\(strategy), \(threadCount) threads")
      }
    }
  }

  /// Kernels cut up wide layers in other ways than narrow ones.
  @Test func wideLayersGiveTheSameBits() throws {
    let network = try Model.resnet18.network(input: Shape(9, 9, channels: 1), classes: 10)
    let reference = try run(network, .full, threadCount: 1, stepCount: 3)
    for threadCount in [2, 4] {
      let isSame =
        try run(
          network, Strategy(recomputation: .squareRoot), threadCount: threadCount, stepCount: 3)
        == reference
      #expect(isSame, "\(threadCount) threads")
    }
  }

  /// The bits of everything that a training leaves.
  private func run(
    _ network: Network, _ strategy: Strategy, threadCount: Int, stepCount: Int
  ) throws -> [[UInt32]] {
    let trainer = try Trainer.forTest(network, strategy, batchSize: 5, threadCount: threadCount)
    var losses: [UInt32] = []
    for round in 0..<stepCount {
      trainer.fillBatch(round: round)
      losses.append(try trainer.step().report.loss.bitPattern)
    }
    return trainer.state + trainer.gradientBits + [losses]
  }

  @Test(arguments: [Model.vgg8, .resnet8], approximateStrategies)
  func estimatesAreTheSameForAnyNumberOfThreads(model: Model, strategy: Strategy) throws {
    let network = try model.small()
    func run(_ threadCount: Int) throws -> [[UInt32]] {
      let trainer = try Trainer.forTest(
        network, strategy, batchSize: 3, threadCount: threadCount)
      _ = try trainer.step()
      return trainer.state
    }
    let reference = try run(1)
    #expect(try run(2) == reference)
    #expect(try run(4) == reference)
  }

  /// Gradients of inputs and biases need no kept input, so only weights of convolutions whose input
  /// is sketched are estimated; errors do not travel between layers.
  @Test(arguments: [Model.vgg8, .resnet8], approximateStrategies)
  func onlySketchedWeightsDiffer(model: Model, strategy: Strategy) throws {
    let network = try model.small()
    let exact = try Trainer.forTest(network, .full, batchSize: 3)
    let estimated = try Trainer.forTest(network, strategy, batchSize: 3)
    _ = try exact.computeGradients()
    _ = try estimated.computeGradients()
    var sketchedCount = 0
    for (index, parameter) in exact.store.parameters.enumerated() {
      let residuals = estimated.trainingStep.firstSchedule.representations[parameter.node]
      let isSketched =
        parameter.description.layout == .convolution && residuals.contains { $0.kind == .sketch }
      sketchedCount += isSketched ? 1 : 0
      if parameter.description.name == "b" {
        // A bias's gradient is exact, but beside a sketch its rows are added in another order.
        let gradient = unsafe Array(exact.store.gradient(index))
        let errors = unsafe zip(gradient, estimated.store.gradient(index)).map { abs($0 - $1) }
        let largest = gradient.reduce(0) { max($0, abs($1)) }
        #expect((errors.max() ?? 1) <= 1e-5 * largest, "\(parameter.name)")
      } else {
        #expect(
          (exact.gradientBits[index] == estimated.gradientBits[index]) != isSketched,
          "\(parameter.name)")
      }
    }
    #expect(sketchedCount > 0)
  }
}
