import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Testing
import Training

/// Inputs that are recovered from outputs: less is kept, and gradients agree up to rounding.
@Suite(.serialized) struct InversionTests {
  private static let invert = Strategy(inverts: true)

  @Test(arguments: [Model.resnet18Leaky, .revnet])
  func gradientsAgreeUpToRounding(model: Model) throws {
    let network = try model.small()
    let full = try Trainer.forTest(network, .full, batchSize: 6)
    let inverting = try Trainer.forTest(network, Self.invert, batchSize: 6)
    try Validator.check(inverting.trainingStep, baseline: inverting.baseline)
    #expect(inverting.trainingStep.actions.contains { $0.name.description == "invert" })
    let kept = try full.computeGradients().savedByteCount
    let forecast = inverting.forecast
    for _ in 0..<2 {
      let result = try inverting.computeGradients()
      #expect(result.timeline == forecast.timeline)
      #expect(Double(result.savedByteCount) < 0.9 * Double(kept))
    }
    var difference = 0.0
    var whole = 0.0
    for index in full.store.parameters.indices {
      let exact = unsafe full.store.gradient(index)
      let recovered = unsafe inverting.store.gradient(index)
      for element in exact.indices {
        let value = unsafe Double(exact[element])
        let distance = unsafe value - Double(recovered[element])
        difference += distance * distance
        whole += value * value
      }
    }
    let error = (difference / whole).squareRoot()
    // Each recovery loses some units of 2⁻²⁴; a leaky slope of 0.01 does not amplify them, since they
    // are relative.
    #expect(error < 1e-4)
    #expect(error > 0)
  }

  @Test func resnet18KeepsAFourthLess() throws {
    let network = try Model.resnet18Leaky.network(input: Shape(28, 28, channels: 1), classes: 10)
    func saved(_ strategy: Strategy) throws -> Double {
      let step = try Step.training(
        network, strategy: strategy, batchSize: 64, threadCount: 1)
      return Double(step.savedByteCount) / Double(1 << 20)
    }
    #expect(try saved(.full) > 200)
    #expect(try saved(Self.invert) <= 170)
  }

  /// What a reversible network keeps does not grow with its blocks.
  @Test func depthIsFree() throws {
    func saved(_ blocks: Int, _ strategy: Strategy) throws -> Int {
      let network = try Network("deep", input: Shape(8, 8, channels: 1)) {
        ReversibleStages(width: 8, blocksPerStage: [blocks])
        GlobalAveragePooling()
        Linear(10)
        SoftmaxCrossEntropy()
      }
      return try Step.training(network, strategy: strategy, batchSize: 16, threadCount: 1)
        .savedByteCount
    }
    let map = 16 * 64 * 8 * 4
    #expect(try saved(8, .full) - saved(4, .full) > 4 * 4 * map)
    // Statistics of normalisations stay.
    #expect(try saved(8, Self.invert) - saved(4, Self.invert) < map / 8)
  }

  @Test func aScaleNearZeroIsRefused() throws {
    let network = try Model.resnet18Leaky.small()
    let trainer = try Trainer.forTest(network, Self.invert, batchSize: 2)
    let index = try #require(trainer.store.parameters.firstIndex { $0.name == "stem.bn.gamma" })
    unsafe trainer.store.value(index)[3] = 1e-4
    let state = trainer.state
    let bytes = trainer.ledger.current
    #expect {
      _ = try trainer.step()
    } throws: { error in
      "\(error)".contains("stem.bn: the scale of its channel 3")
    }
    #expect(trainer.state == state)
    #expect(trainer.ledger.current == bytes)
  }

  @Test func networksWithoutInversesAreRefused() throws {
    for model in [Model.lenet, .vgg8, .resnet8, .resnet18] {
      #expect(throws: ScheduleError.self) {
        try Step.training(
          model.small(), strategy: Self.invert, batchSize: 2, threadCount: 1)
      }
    }
  }
}
