import Comparisons
import Execution
import Files
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// The error of the gradient against the bytes that are kept, for all ways of saving memory.
///
/// A network is trained exactly; then the gradient of one more batch is computed in every way, at
/// the same parameters. No error depends on which others are measured.
public struct ErrorStudy {
  private static let drawCount = 4
  private static let divisors = [2, 4, 8, 16]
  /// A number of a multichannel probe is one of a sample, not of each of its maps.
  private static let channelsPerMultichannelProbe = 32
  /// The method of full storage of parts of the batch.
  private static let smallerBatch = "smaller batch"

  /// All errors, of strategies that fit the network and of smaller batches.
  public let cells: [ErrorCell]
  /// The highest bytes of the trainer and of what is compared with it, forecast.
  public let forecastPeakByteCount: Int

  private let network: Network
  private let data: any TrainingData
  private let settings: StudySettings
  private let engine: Engine
  /// The steps of the strategies that fit, for the whole batch.
  private let steps: [Strategy: Step]

  /// Prepares a study and finds out which strategies fit; takes no memory for tensors.
  ///
  /// - Throws: `ScheduleError` if the network does not fit into this study at all.
  public init(
    _ network: Network, data: any TrainingData, settings: StudySettings, engine: Engine
  ) throws {
    self.network = network
    self.data = data
    self.settings = settings
    self.engine = engine
    let batchSize = settings.errorBatchSize
    func baseline(_ batchSize: Int) -> BaselineMemory {
      BaselineMemory(
        network: network, batchSize: batchSize,
        optimizer: settings.optimizer)
    }
    var cells: [ErrorCell] = []
    var steps: [Strategy: Step] = [:]
    var peak = 0
    for (method, strategies) in Self.methods(settings) {
      for spelling in strategies {
        let strategy = try Strategy(parsing: spelling)
        let step: Step
        do {
          step = try .training(
            network, strategy: strategy, batchSize: batchSize, threadCount: engine.threadCount)
        } catch {
          // A strategy that does not fit this network is left out.
          guard error.category == .wrongUsage, strategy != .full else { throw error }
          continue
        }
        steps[strategy] = step
        cells.append(ErrorCell(method: method, strategy: "\(strategy)", batchSize: batchSize))
        peak = max(peak, Forecast(step, baseline: baseline(batchSize)).peakByteCount)
      }
    }
    for divisor in Self.divisors where batchSize.isMultiple(of: divisor) {
      cells.append(
        ErrorCell(
          method: Self.smallerBatch, strategy: "\(Strategy.full)", batchSize: batchSize / divisor))
    }
    self.cells = cells
    self.steps = steps
    // The trainer that holds the exact gradient stays.
    forecastPeakByteCount = baseline(batchSize).bytes.total + peak
  }

  /// The methods, and the strategies of each.
  private static func methods(
    _ settings: StudySettings
  ) -> [(name: String, strategies: [String])] {
    func probes(_ suffix: String, times factor: Int = 1) -> [String] {
      settings.probeCounts.map { "trace:\($0 * factor)\(suffix)" }
    }
    let many = channelsPerMultichannelProbe
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

  /// The steps of the training that precedes all errors.
  public var trainingStepCount: Int {
    settings.stepCount(
      batchSize: settings.errorBatchSize, sampleCount: data.count(of: .training))
  }

  /// Measures errors, one after the other, after a training; makes none for no errors.
  ///
  /// - Parameters:
  ///   - wanted: The errors to measure, some of `cells`.
  ///   - shouldStop: Asked before every action; true ends the study.
  ///   - progress: Is told how many of `trainingStepCount` steps are done.
  ///   - found: Is given every error when it is known.
  /// - Throws: `StepError` if it was asked to stop or a loss was not finite, what `Trainer` throws
  ///   and what `found` throws.
  public func run(
    _ wanted: [ErrorCell], shouldStop: () -> Bool = { false },
    progress: (Int) -> Void = { _ in }, found: (ErrorPoint) throws -> Void
  ) throws {
    guard !wanted.isEmpty else { return }
    let batches = try batches()
    let loop = try loop(batches)
    let exact = loop.trainer
    while exact.stepCount < trainingStepCount {
      _ = try loop.step(shouldStop: shouldStop)
      progress(exact.stepCount)
    }
    let samples = Array(batches.samples(ofStep: exact.stepCount))
    exact.batch.fill(samples, of: data)
    _ = try exact.computeGradients(shouldStop: shouldStop)
    for cell in wanted {
      try found(point(cell, exact, samples, shouldStop: shouldStop))
    }
  }

  private func batches() throws -> BatchSource {
    try BatchSource(data, batchSize: settings.errorBatchSize, seed: 0)
  }

  /// The training that precedes all errors.
  private func loop(_ batches: BatchSource) throws -> TrainingLoop {
    TrainingLoop(
      try trainer(.full, batchSize: settings.errorBatchSize), batches: batches)
  }

  private func point(
    _ cell: ErrorCell, _ exact: Trainer, _ samples: [Int], shouldStop: () -> Bool
  ) throws -> ErrorPoint {
    let strategy = try Strategy(parsing: cell.strategy)
    let trainer = try trainer(strategy, batchSize: cell.batchSize)
    for index in trainer.store.parameters.indices {
      _ = unsafe trainer.store.value(index).update(from: exact.store.value(index))
    }
    var squares = 0.0
    // A smaller batch errs by what its samples are: all parts of the batch are looked at.
    for start in stride(from: 0, to: samples.count, by: cell.batchSize) {
      trainer.batch.fill(samples[start..<start + cell.batchSize], of: data)
      for draw in 0..<drawCount(strategy) {
        _ = try trainer.computeGradients(drawing: UInt64(draw), shouldStop: shouldStop)
        let error = trainer.store.gradientRelativeError(to: exact.store)
        squares += error * error
      }
    }
    let count = samples.count / cell.batchSize * drawCount(strategy)
    return ErrorPoint(
      cell: cell, savedByteCount: trainer.trainingStep.savedByteCount,
      activationPeakByteCount: trainer.forecast.activationPeakByteCount,
      relativeError: (squares / Double(count)).squareRoot())
  }

  private func trainer(_ strategy: Strategy, batchSize: Int) throws -> Trainer {
    let planned = batchSize == settings.errorBatchSize ? steps[strategy] : nil
    return try Trainer(
      step: planned
        ?? .training(
          network, strategy: strategy, batchSize: batchSize, threadCount: engine.threadCount),
      engine: engine, optimizer: settings.optimizer, ledger: Ledger(for: network), seed: 0)
  }

  /// How often a gradient is computed: an estimate more than once.
  private func drawCount(_ strategy: Strategy) -> Int {
    strategy.exactness != .estimated ? 1 : Self.drawCount
  }
}

// MARK: - Duration

extension ErrorStudy {
  /// A trial takes this part of the samples: fewer make too much of the probes that samples share.
  private static let trialDivisor = 2

  /// The seconds that the training will about take, from a few of its steps.
  ///
  /// - Throws: What `Trainer` throws.
  public func estimatedTrainingSeconds() throws -> Double {
    try loop(batches()).secondsPerStep() * Double(trainingStepCount)
  }

  /// The seconds that an error will about take, from the gradient of some samples.
  ///
  /// - Throws: What `Trainer` throws.
  public func estimatedSeconds(of cell: ErrorCell) throws -> Double {
    let strategy = try Strategy(parsing: cell.strategy)
    let size = max(1, cell.batchSize / Self.trialDivisor)
    let trainer = try trainer(strategy, batchSize: size)
    trainer.batch.fill(0..<size, of: data)
    let clock = ContinuousClock()
    let start = clock.now
    _ = try trainer.computeGradients()
    let gradientCount = Double(settings.errorBatchSize) / Double(size) * Double(drawCount(strategy))
    return (clock.now - start) / .seconds(1) * gradientCount
  }
}
