import Execution
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
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
  /// Deep graphs of many small nodes, which `DeepModelTests` runs under fewer strategies.
  static let deep: [Model] = [.densenet121, .googlenet, .mobilenetV2, .shufflenetV2, .unet]
  /// All others.
  static let shallow = allCases.filter { !deep.contains($0) }

  /// The network, for images and with channels that keep the tests quick.
  func small() throws -> Network {
    func image(_ extent: Int) -> Shape { Shape(extent, extent, channels: 1) }
    switch self {
    case .lenet: return try network(input: image(28), classes: 10)
    case .vgg8, .resnet8: return try network(input: image(14), classes: 10)
    case .resnet18: return try .resnet18(input: image(9), classes: 10, width: 8)
    case .resnet18Leaky:
      return try .resnet18(input: image(9), classes: 10, width: 8, negativeSlope: 0.01)
    case .revnet: return try .revnet(input: image(9), classes: 10, width: 4)
    case .vgg16: return try .vgg16(input: image(32), classes: 10, width: 4)
    case .resnet50: return try .resnet50(input: image(33), classes: 10, width: 4)
    case .densenet121:
      return try .densenet121(
        input: image(33), classes: 10, growth: 4, layersPerBlock: [2, 3, 2])
    case .googlenet: return try .googlenet(input: image(33), classes: 10, width: 8)
    case .mobilenetV2: return try .mobilenetV2(input: image(33), classes: 10, width: 4)
    case .shufflenetV2:
      return try .shufflenetV2(
        input: image(33), classes: 10, channels: [4, 8, 12, 16, 16], unitsPerStage: [2, 2, 2])
    case .unet:
      return try .unet(input: Shape(32, 16, channels: 1), classes: 10, width: 2)
    case .unet3dSmall:
      return try .unet3dSmall(input: Shape(8, 4, 12, channels: 1), classes: 10, width: 4)
    }
  }
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
