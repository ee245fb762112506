import Comparisons
import Execution
import Files
import Kernels
import Networks
import Schedules
import Training

/// The error of the gradient against the bytes that are kept, for all ways of saving memory.
///
/// A network is trained exactly; then the gradient of one more batch is computed in every way, at
/// the same parameters.
public struct ErrorStudy {
  private static let drawCount = 4
  /// A number of a multichannel probe is one of a sample, not of each of its maps.
  private static let channelsPerMultichannelProbe = 32

  private let network: Network
  private let data: any TrainingData
  private let settings: StudySettings
  private let engine: Engine

  /// Prepares a study; takes no memory yet.
  public init(
    _ network: Network, data: any TrainingData, settings: StudySettings, engine: Engine
  ) {
    self.network = network
    self.data = data
    self.settings = settings
    self.engine = engine
  }

  /// The methods, and the strategies of each.
  private var methods: [(name: String, strategies: [String])] {
    func probes(_ suffix: String, times factor: Int = 1) -> [String] {
      settings.probeCounts.map { "trace:\($0 * factor)\(suffix)" }
    }
    let many = Self.channelsPerMultichannelProbe
    return [
      ("full", ["full"]),
      ("gaussian (published)", probes(",estimator=gaussian")),
      ("rademacher", probes(",estimator=rademacher")),
      (
        "gaussian-multichannel (published)",
        probes(",estimator=gaussian-multichannel", times: many)
      ),
      ("orthogonal (published)", probes(",estimator=orthogonal", times: many)),
      ("ours", probes("")),
      ("quantisation", ["quantize:8", "quantize:4", "quantize:2", "quantize:1"]),
      ("checkpointing", ["sqrt", "checkpoint:2", "checkpoint:3", "checkpoint:4"]),
    ]
  }

  /// The number of parts that the study is told to have done, one after the other.
  public var partCount: Int {
    trainingStepCount + methods.reduce(0) { $0 + $1.strategies.count } + Self.divisors.count
  }

  private static let divisors = [2, 4, 8, 16]

  private var trainingStepCount: Int {
    settings.stepCount(
      batchSize: settings.errorBatchSize, sampleCount: data.count(of: .training))
  }

  /// Runs the study.
  ///
  /// - Parameters:
  ///   - shouldStop: Asked before every action; true ends the study, and nothing comes of it.
  ///   - progress: Is told how many of `partCount` parts are done.
  /// - Returns: A point for every strategy that fits the network, and for every smaller batch.
  /// - Throws: `StepError` if it was asked to stop or a loss was not finite, and what `Trainer`
  ///   throws.
  public func run(
    shouldStop: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
  ) throws -> [ErrorPoint] {
    let batchSize = settings.errorBatchSize
    var training = try StudyTraining(
      network, data: data, strategy: .full, batchSize: batchSize, optimizer: settings.optimizer,
      seed: 0, engine: engine)
    while training.trainer.stepCount < trainingStepCount {
      try training.step(shouldStop: shouldStop)
      progress(training.trainer.stepCount)
    }
    var done = trainingStepCount
    let exact = training.trainer
    let samples = training.nextSamples()
    exact.batch.fill(samples, of: data)
    _ = try exact.computeGradients()

    var points: [ErrorPoint] = []
    for (method, strategies) in methods {
      for spelling in strategies {
        let found = try point(
          method, Strategy(parsing: spelling), exact, samples, shouldStop: shouldStop)
        if let found { points.append(found) }
        done += 1
        progress(done)
      }
    }
    for divisor in Self.divisors where batchSize.isMultiple(of: divisor) {
      points.append(
        try smallerBatch(batchSize / divisor, exact, samples, shouldStop: shouldStop))
      done += 1
      progress(done)
    }
    return points
  }

  /// The point of a strategy; nil if it does not fit the network.
  private func point(
    _ method: String, _ strategy: Strategy, _ exact: Trainer, _ samples: [Int],
    shouldStop: () -> Bool
  ) throws -> ErrorPoint? {
    let trainer: Trainer
    do {
      trainer = try self.trainer(strategy, batchSize: samples.count, like: exact)
    } catch let error as ScheduleError where error.category == .wrongUsage {
      return nil
    }
    trainer.batch.fill(samples, of: data)
    var squares = 0.0
    let drawCount = strategy.exactness != .estimated ? 1 : Self.drawCount
    for draw in 0..<drawCount {
      _ = try trainer.computeGradients(drawing: UInt64(draw), shouldStop: shouldStop)
      let error = trainer.store.gradientRelativeError(to: exact.store)
      squares += error * error
    }
    return point(
      method, "\(strategy)", trainer, error: (squares / Double(drawCount)).squareRoot())
  }

  /// The error of the gradient of a part of the batch, over all parts.
  private func smallerBatch(
    _ size: Int, _ exact: Trainer, _ samples: [Int], shouldStop: () -> Bool
  ) throws -> ErrorPoint {
    let trainer = try trainer(.full, batchSize: size, like: exact)
    var squares = 0.0
    for start in stride(from: 0, to: samples.count, by: size) {
      trainer.batch.fill(samples[start..<start + size], of: data)
      _ = try trainer.computeGradients(shouldStop: shouldStop)
      let error = trainer.store.gradientRelativeError(to: exact.store)
      squares += error * error
    }
    let partCount = Double(samples.count / size)
    return point(
      "smaller batch", "full", trainer, error: (squares / partCount).squareRoot())
  }

  private func point(
    _ method: String, _ strategy: String, _ trainer: Trainer, error: Double
  ) -> ErrorPoint {
    ErrorPoint(
      method: method, strategy: strategy, batchSize: trainer.schedule.batchSize,
      savedByteCount: trainer.schedule.savedByteCounts.reduce(0, +),
      activationPeakByteCount: trainer.forecast.activationPeakByteCount, relativeError: error)
  }

  /// A trainer with the parameters of another.
  private func trainer(
    _ strategy: Strategy, batchSize: Int, like other: Trainer
  ) throws -> Trainer {
    let trainer = try Trainer(
      network, strategy: strategy, batchSize: batchSize, engine: engine,
      optimizer: settings.optimizer)
    for index in trainer.store.parameters.indices {
      _ = unsafe trainer.store.value(index).update(from: other.store.value(index))
    }
    return trainer
  }
}
