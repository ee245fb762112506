import Execution
import MemoryLedger
import Networks
import Planning
import Schedules
import Training

/// What one strategy costs on one network: a row of `comparison.csv`.
public struct ComparisonRow: Sendable {
  /// The network.
  public let model: String
  /// The data set.
  public let dataset: String
  /// The number of images of a step.
  public let batchSize: Int
  /// The number of threads.
  public let threadCount: Int
  /// The strategy, as it is spelled.
  public let strategy: String
  /// How near the strategy's gradients come to those of full storage.
  public let exactness: Exactness
  /// Requested bytes of activations at the end of the forward pass.
  public let savedByteCount: Int
  /// Highest total of activations, transients and workspace during a step.
  public let activationPeakByteCount: Int
  /// Highest total of all categories during a step, as the ledger counted it.
  public let peakByteCount: Int
  /// The same, forecast.
  public let forecastPeakByteCount: Int
  /// The same, rounded up to the allocator's size classes.
  public let usablePeakByteCount: Int
  /// Highest resident bytes of a process that ran only this strategy.
  public let processPeakResidentBytes: Int
  /// The arithmetic of recomputed forward passes over that of one forward pass.
  public let recomputedFLOPsFraction: Double
  /// The median of the seconds of a step.
  public let stepSecondsMedian: Double
  /// The median over all rounds of this strategy's seconds over full storage's.
  public let stepRatioToFull: Double
  /// ‖ĝ − g‖₂ / ‖g‖₂ over all parameter gradients of the first step against full storage.
  public let gradientRelativeError: Double
  /// The loss of the last training step; not finite if the training diverged there.
  public let finalLoss: Double
  /// The share of test samples, or of their pixels, that are told right after the last step.
  public let testAccuracy: Double
  /// The mean Dice score of test samples after the last step, if the loss is one of overlap.
  public let testDice: Double?
  /// The bytes of the slab in which a step's memory lay; nil if it lay in blocks of the allocator.
  public let slabByteCount: Int?
  /// The number of training steps.
  public let stepCount: Int
  /// The seconds of a step in which values are written in other representations or rebuilt from
  /// them, the fastest of each action; masks and sketches that a pass writes with the values are part of
  /// that pass.
  public let codecSeconds: Double
  /// The memory of the first step, action by action, and the errors of gradients after the last one.
  public let profile: StepProfile

  init(
    dataset: String, run: StrategyRun, full: StrategyRun, gradientRelativeError: Double,
    gradientErrors: [LayerGradientError], score: Evaluator.Score, processPeakResidentBytes: Int
  ) throws {
    guard var profile = run.profile, let measured = profile.measurement,
      let finalLoss = run.losses.last
    else { preconditionFailure("a run is compared before its first step") }
    model = profile.network.name
    self.dataset = dataset
    batchSize = profile.step.batchSize
    threadCount = profile.step.threadCount
    strategy = profile.strategy
    exactness = run.strategy.exactness
    savedByteCount = measured.savedByteCount
    activationPeakByteCount = measured.timeline.map(\.stepTotal).max() ?? 0
    peakByteCount = measured.memory.globalPeak
    forecastPeakByteCount = profile.forecast.peakByteCount
    usablePeakByteCount = measured.memory.usableGlobalPeak
    self.processPeakResidentBytes = processPeakResidentBytes
    recomputedFLOPsFraction = profile.step.recomputedFLOPsFraction
    stepSecondsMedian = median(run.stepSeconds)
    stepRatioToFull = median(zip(run.stepSeconds, full.stepSeconds).map { $0 / $1 })
    self.gradientRelativeError = gradientRelativeError
    // Some processors give a sign to what is not a number, which would only puzzle readers.
    self.finalLoss = finalLoss.isNaN ? .nan : Double(finalLoss)
    testAccuracy = score.accuracy
    testDice = score.dice
    slabByteCount = run.trainer.placement?.byteCount
    stepCount = run.losses.count
    codecSeconds = zip(profile.step.actions, run.actionSeconds).reduce(0) { sum, pair in
      pair.0.deeds.first?.isCodec == true ? sum + pair.1 : sum
    }
    profile.gradientErrors = gradientErrors
    self.profile = profile
  }
}
