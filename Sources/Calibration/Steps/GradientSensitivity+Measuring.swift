import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

extension GradientSensitivity {
  /// How many times the fewer samples the more have, whose errors are compared.
  private static let ratio = 4

  /// How much a network's gradients err for errors of single values, at the start of training.
  ///
  /// Steps with values in four bits and as sketches are compared with full storage, on made-up images,
  /// with as many samples as run in a tenth of a second; how errors fall with the batch is seen from a
  /// quarter of them and extrapolated.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples to extrapolate to.
  ///   - engine: Runs the kernels.
  /// - Returns: The sensitivity; nil if the network is too large.
  /// - Throws: What `Trainer` throws.
  public static func measured(
    for network: Network, batchSize: Int, engine: Engine
  ) throws -> GradientSensitivity? {
    let full = try TrialBatch.step(for: network, batchSize: batchSize, engine: engine)
    guard let full else { return nil }
    let count = full.batchSize
    let trials = try Trials(full, engine)
    let direct = try trials.quantized(normalizations: false)
    let all = try trials.quantized(normalizations: true)
    let measured = GradientSensitivity(
      network, direct: direct, all: all, sketched: try trials.sketched())
    let fewer = count / ratio
    guard count < batchSize, fewer >= TrialBatch.leastSampleCount(for: network),
      all.squaredError > 0
    else { return measured }
    let part = try Trials(
      .training(network, strategy: .full, batchSize: fewer, threadCount: engine.threadCount),
      engine
    ).quantized(normalizations: true)
    return measured.extrapolated(
      errorRatio: part.squaredError / all.squaredError,
      ratio: Double(count) / Double(fewer), to: Double(batchSize) / Double(count))
  }
}

/// Steps with inexact values beside one of full storage.
private struct Trials {
  private let engine: Engine
  private let full: Trainer

  private var network: Network { full.network }
  private var sampleCount: Int { full.trainingStep.batchSize }

  init(_ full: Step, _ engine: Engine) throws {
    self.engine = engine
    self.full = try Self.run(full, engine)
  }

  private static func run(_ step: Step, _ engine: Engine) throws -> Trainer {
    let trainer = try Trainer(
      step: step, engine: engine, optimizer: .sgd(), ledger: Ledger(for: step.network), seed: 0)
    trainer.batch.fillWithMadeUpImages(for: step.network)
    _ = try trainer.computeGradients()
    return trainer
  }

  func quantized(normalizations: Bool) throws -> GradientSensitivity.Trial {
    try trial(
      Step(
        .quantizing(
          network, normalizations: normalizations, batchSize: sampleCount,
          threadCount: engine.threadCount)))
  }

  func sketched() throws -> GradientSensitivity.Trial {
    let trace = try Trace(.probes(16))
    return try trial(
      .training(
        network, strategy: Strategy(approximation: .trace(trace)), batchSize: sampleCount,
        threadCount: engine.threadCount))
  }

  private func trial(_ step: Step) throws -> GradientSensitivity.Trial {
    let trainer = try Self.run(step, engine)
    return GradientSensitivity.Trial(
      step.firstSchedule, squaredErrors: trainer.store.squaredGradientErrors(to: full.store))
  }
}
