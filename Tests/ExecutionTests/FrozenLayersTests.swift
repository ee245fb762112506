import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Testing
import Training

/// Networks of which only some layers are trained: what is not needed is not kept, and what is computed
/// has the bits that it has when everything is trained.
@Suite(.serialized) struct FrozenLayersTests {
  /// With statistics of the batch everywhere, a step computes the same values in both networks.
  @Test(arguments: [Model.resnet50, .vgg8, .unet3dSmall, .revnet, .resnet18Leaky])
  func gradientsOfTrainedLayersAreThoseOfTheWholeNetwork(model: Model) throws {
    let network = try model.small()
    let layers = network.parameters.map(\.nodeName)
    let last = try #require(layers.last)
    let middle = layers[layers.count / 2]
    for prefixes in [[last], [middle], [last, middle], [layers[0]]] {
      let part = try network.training(only: prefixes, fixesStatistics: false)
      for strategy in [Strategy.full, Strategy(recomputation: .squareRoot), spilling] {
        let whole = try Trainer.forTest(network, strategy, batchSize: 4)
        let trainer = try Trainer.forTest(part, strategy, batchSize: 4)
        let expected = try whole.computeGradients()
        let result = try trainer.computeGradients()
        #expect(result.timeline == trainer.forecast.timeline)
        #expect(result.report == expected.report)
        #expect(result.savedByteCount <= expected.savedByteCount)
        for (index, parameter) in part.parameters.enumerated() {
          let isTrained = prefixes.contains { parameter.nodeName.hasPrefix($0) }
          #expect(parameter.isTrained == isTrained)
          #expect(
            trainer.gradientBits[index] == (isTrained ? whole.gradientBits[index] : []),
            "\(model) \(prefixes) \(strategy) \(parameter.name)")
        }
      }
    }
  }

  /// Only the trained layers and the optimiser's state for them change.
  @Test func frozenLayersStayAsTheyAre() throws {
    let network = try Model.resnet50.small().training(only: ["fc", "block16"])
    let trainer = try Trainer.forTest(network, .full, batchSize: 4)
    let before = trainer.state
    for round in 0..<3 {
      trainer.fillBatch(round: round)
      _ = try trainer.step()
    }
    let entries = network.parameters + network.runningStatistics
    for (index, entry) in entries.enumerated() {
      let isTrained = entry.nodeName.hasPrefix("fc") || entry.nodeName.hasPrefix("block16")
      #expect((trainer.state[index] != before[index]) == isTrained, "\(entry.name)")
    }
    #expect(trainer.baseline.bytes[.parameterGradients] == 4 * network.trainedParameterCount)
    #expect(network.trainedParameterCount < network.parameterCount)
  }

  /// A gradient passes through normalisations with fixed statistics without their inputs: the same bits
  /// as where their scales are trained too, for which the inputs are kept.
  @Test func fixedNormalisationsPassGradientsOnWithoutTheirInputs() throws {
    func network(frozen: Bool) throws -> Network {
      try Network("fixed", input: Shape(9, 9, channels: 1)) {
        Convolution(3, channels: 8, padding: 1, bias: false).named("first")
        BatchNormalization(frozen: frozen).named("bn")
        ReLU()
        Residual {
          BatchNormalization(frozen: frozen).named("bn1")
          Convolution(3, channels: 8, padding: 1).named("conv")
        }
        GlobalAveragePooling()
        Linear(10).named("fc")
        SoftmaxCrossEntropy()
      }
    }
    let whole = try Trainer.forTest(network(frozen: true), .full, batchSize: 4)
    let part = try Trainer.forTest(
      network(frozen: false).training(only: ["first"]), .full, batchSize: 4)
    let expected = try whole.computeGradients()
    let result = try part.computeGradients()
    #expect(result.report == expected.report)
    #expect(part.gradientBits[0] == whole.gradientBits[0])
    let others = part.gradientBits.dropFirst().filter { !$0.isEmpty }
    #expect(others.isEmpty)
    // The two inputs of normalisations are no longer kept: 4 samples of 9x9x8 floats each.
    #expect(expected.savedByteCount - result.savedByteCount >= 2 * 4 * 9 * 9 * 8 * 4)
    #expect(part.trainingStep.network.mixesSamples == false)
  }

  @Test func theHeadAloneKeepsItsInputAlone() throws {
    let network = try Model.resnet50.network(input: Shape(224, 224, channels: 3), classes: 1000)
    let step = try Step.training(
      network.training(only: ["fc"]), strategy: .full, batchSize: 64, threadCount: 2)
    // The pooled features, and the probabilities of the loss.
    #expect(step.savedByteCount == 64 * (2048 + 1000) * 4)
  }

  /// With the last stage trained, what is kept is what backward passes of that stage read, each once.
  @Test func theLastStageKeepsItsOwnNeedsAlone() throws {
    let layers = ["block14", "block15", "block16", "fc"]
    let network = try Model.resnet50.network(input: Shape(224, 224, channels: 3), classes: 1000)
      .training(only: layers)
    let batchSize = 64
    let step = try Step.training(network, strategy: .full, batchSize: batchSize, threadCount: 2)
    let first = try #require(network.nodes.firstIndex { $0.name.hasPrefix("block14") })
    #expect(network.requiresGradient[..<first].allSatisfy { !$0 })
    let read = Set(
      network.nodes[first...].flatMap {
        network.neededItems(of: $0.id, step.firstSchedule.representations)
      })
    #expect(
      step.savedByteCount
        == read.reduce(0) { $0 + network.byteCount(of: $1, batchSize: batchSize) })

    // The same by hand. Each block reads its input (convolution and shortcut), what convolutions yield
    // (normalisations) and what the two rectifiers between them yield (convolutions).
    let (wide, narrow, deep) = (14 * 14 * 512, 7 * 7 * 512, 7 * 7 * 2048)
    let block14 = 14 * 14 * 1024 + 2 * wide + 2 * narrow + deep + deep
    let block15 = deep + 4 * narrow + deep
    let block16 = deep + 4 * narrow + deep
    // The last rectifier's output goes into a mean, which reads nothing: a bit an element is left.
    let mask = deep / 8
    // Pooled features and probabilities.
    let head = 2048 + 1000
    // Mean and deviation of each channel of a normalisation.
    let statistics = 2 * ((512 + 512 + 2048 + 2048) + 2 * (512 + 512 + 2048))
    #expect(
      step.savedByteCount
        == batchSize * (4 * (block14 + block15 + block16 + head) + mask) + 4 * statistics)
    #expect(step.savedByteCount == 322_799_616)
  }

  @Test func unknownLayersAreNamed() throws {
    let network = try Model.resnet8.small()
    let error = #expect(throws: NetworkError.self) { try network.training(only: ["block9"]) }
    #expect(
      error?.description
        == "resnet8: no layer with parameters has a name that begins with 'block9'; the nearest names "
        + "are block1, block2, block3")
    #expect(throws: NetworkError.self) { try network.training(only: []) }
  }
}
