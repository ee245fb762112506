import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// Trains a network exactly, and then compares the default of `trace` with the published estimator on
/// its activations and gradients.
public struct EstimatorStudy {
  /// The network.
  public let network: Network
  /// The samples.
  public let data: any TrainingData
  /// Batch size, number of steps, seed and optimiser of the training.
  public let settings: ComparisonSettings
  /// The numbers of probes whose bytes both estimators may take.
  public let probeCounts: [Int]
  /// The highest bytes of a training step, forecast.
  public let forecastPeakByteCount: Int

  private let step: Step
  private let engine: Engine
  private let batches: BatchSource

  /// Prepares a study; takes no memory for tensors.
  ///
  /// - Parameters:
  ///   - network: The network, which must take the data's samples.
  ///   - data: The samples.
  ///   - settings: Batch size, number of steps, seed and optimiser of the training.
  ///   - probeCounts: The numbers of probes, each at least 1.
  ///   - engine: Runs the kernels.
  /// - Throws: `BatchSizeError` if there are fewer samples than a batch, `ScheduleError` if the batch
  ///   is out of range.
  public init(
    _ network: Network, data: any TrainingData, settings: ComparisonSettings, probeCounts: [Int],
    engine: Engine
  ) throws {
    self.network = network
    self.data = data
    self.settings = settings
    self.probeCounts = probeCounts
    self.engine = engine
    batches = try BatchSource(data, batchSize: settings.batchSize, seed: settings.seed)
    step = try Step.training(
      network, strategy: .full, batchSize: settings.batchSize, threadCount: engine.threadCount)
    let baseline = BaselineMemory(
      network: network, batchSize: settings.batchSize,
      optimizer: settings.optimizer)
    forecastPeakByteCount = Forecast(step, baseline: baseline).peakByteCount
  }

  /// Trains and compares.
  ///
  /// - Parameters:
  ///   - shouldStop: Asked before every action of the training; true ends it.
  ///   - progress: Is told how many training steps are done.
  /// - Returns: The comparison at the parameters after the last step.
  /// - Throws: `StepError` if a step came to nothing, and what `EstimatorComparison` throws.
  public func run(
    shouldStop: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
  ) throws -> EstimatorComparison {
    let trainer = try Trainer(
      step: step, engine: engine, optimizer: settings.optimizer, ledger: Ledger(for: network),
      seed: settings.seed)
    let loop = TrainingLoop(trainer, batches: batches)
    while trainer.stepCount < settings.stepCount {
      _ = try loop.step(shouldStop: shouldStop)
      progress(trainer.stepCount)
    }
    let errors = GradientErrors(
      trainer.store, batchSize: settings.batchSize, engine: engine, seed: settings.seed,
      batchCount: 1)
    return try EstimatorComparison(errors, probeCounts: probeCounts) { batch, number in
      batches.fill(batch, step: settings.stepCount + number)
    }
  }
}
