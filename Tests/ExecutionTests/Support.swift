import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Testing
import Training

/// The strategies that give the same gradients as full storage, to the bit.
let exactStrategies: [Strategy] = [
  Strategy(recomputation: .squareRoot),
  Strategy(recomputation: .segments(2)),
  Strategy(recomputation: .segments(3)),
  Strategy(recomputation: .revolve(slots: 2)),
  Strategy(recomputation: .mixed(slots: 2)),
  spilling,
]

/// Small enough that values are cut into parts.
let spilling: Strategy = {
  do {
    return Strategy(spilling: try Spilling(stagingByteCount: 64 << 10))
  } catch {
    preconditionFailure("\(error)")
  }
}()

/// Strategies that estimate gradients.
let approximateStrategies: [Strategy] = [
  Strategy(approximation: .trace(trace(8))),
  Strategy(approximation: .trace(trace(4, .rademacher))),
  Strategy(approximation: .trace(trace(6, usesMask: true))),
  Strategy(recomputation: .segments(3), approximation: .trace(trace(8, .gaussian))),
  strategy("trace:64KiB"),
  strategy("trace:9,deflate=tiles:4,bits=4"),
  strategy("trace:4,estimator=rademacher-per-sample,bits=8"),
  strategy("trace:16,estimator=gaussian-multichannel"),
  strategy("trace:16,estimator=orthogonal"),
]

/// Strategies that keep values in a few bits.
let quantizingStrategies: [Strategy] = [
  Strategy(approximation: .quantization(Quantization(bits: .four, seed: 0))),
  Strategy(
    recomputation: .segments(2),
    approximation: .quantization(Quantization(bits: .one, seed: 0))),
]

let allStrategies = [.full] + exactStrategies + approximateStrategies + quantizingStrategies

/// A strategy as users spell it.
func strategy(_ spelling: String) -> Strategy {
  do {
    return try Strategy(parsing: spelling)
  } catch {
    preconditionFailure("\(error)")
  }
}

func trace(
  _ probes: Int, _ estimator: SketchDescription.Estimator = .fold, usesMask: Bool = false
) -> Trace {
  do {
    return try Trace(.probes(probes), estimator: estimator, usesMask: usesMask)
  } catch {
    preconditionFailure("\(error)")
  }
}

extension Model {
  /// Deep graphs of many small nodes, whose plans in the usual sizes take minutes.
  static let deep: [Model] = [.densenet121, .googlenet, .mobilenetV2, .shufflenetV2, .unet]

  /// The network in a variant, and for images, that keep the tests quick.
  func small() throws -> Network {
    let (spelling, input) = try #require(Self.smallVariants[self])
    return try Model(spelling).network(input: input, classes: 10)
  }

  private static let smallVariants: [Model: (spelling: String, input: Shape)] = [
    .lenet: ("lenet", Shape(28, 28, channels: 1)),
    .vgg8: ("vgg8", Shape(14, 14, channels: 1)),
    .resnet8: ("resnet8", Shape(14, 14, channels: 1)),
    .resnet18: ("resnet:18,width=0.125", Shape(9, 9, channels: 1)),
    .resnet18Leaky: ("resnet:18,width=0.125,slope=0.01", Shape(9, 9, channels: 1)),
    .revnet: ("revnet:0.125", Shape(9, 9, channels: 1)),
    .vgg16: ("vgg:16,width=0.0625", Shape(32, 32, channels: 1)),
    .resnet50: ("resnet:50,width=0.0625", Shape(33, 33, channels: 1)),
    .densenet121: ("densenet:2/2/1,growth=4", Shape(33, 33, channels: 1)),
    .googlenet: ("googlenet:0.125,blocks=1/1/1", Shape(48, 48, channels: 1)),
    .mobilenetV2: ("mobilenet-v2:0.1,blocks=1/1/1/1/1/1/1", Shape(33, 33, channels: 1)),
    .shufflenetV2: ("shufflenet-v2:0.5,units=2/1/1", Shape(33, 33, channels: 1)),
    .unet: ("unet:3,width=0.0625", Shape(12, 8, channels: 1)),
    .unet3dSmall: ("unet3d-small,width=0.5", Shape(8, 4, 12, channels: 1)),
  ]
}

extension Trainer {
  /// A trainer for a test, with samples in its batch.
  static func forTest(
    _ network: Network, _ strategy: Strategy, batchSize: Int, threadCount: Int = 2,
    limits: MemoryLimits = MemoryLimits()
  ) throws -> Trainer {
    let trainer = try Trainer(
      network, strategy: strategy, batchSize: batchSize,
      engine: Engine(threadCount: threadCount, instructionSet: .chosen()),
      optimizer: .sgd(learningRate: 0.01), limits: limits, seed: 7)
    trainer.fillBatch(round: 0)
    return trainer
  }

  /// Fills the batch with smooth images and labels that differ from round to round.
  func fillBatch(round: Int) {
    let samples = unsafe batch.samples
    for index in 0..<samples.count {
      let phase = Float((index &* 7 &+ round &* 131) % 977) / 977
      unsafe samples[index] = 2 * phase - 1 + Float(index % 28) / 28
    }
    for index in 0..<batch.batchSize * batch.sampleLabelCount {
      unsafe batch.labels[index] = Int32((index &* 3 &+ round) % 10)
    }
  }

  /// Everything that a step may change: parameters and running statistics, as bits.
  var state: [[UInt32]] {
    store.parameters.indices.map { unsafe store.value($0).map(\.bitPattern) }
      + store.runningStatistics.indices.map { unsafe store.statistic($0).map(\.bitPattern) }
  }

  /// The gradients of all parameters, as bits.
  var gradientBits: [[UInt32]] {
    store.parameters.indices.map { unsafe store.gradient($0).map(\.bitPattern) }
  }
}
