import ArgumentParser
import Tidemark

/// What tells one training step from another: model, strategy, batch, optimiser.
struct StepOptions: ParsableArguments {
  @Option(help: .model, transform: { try Model($0) })
  var model: Model

  @Option(
    help: ArgumentHelp("The strategy; 'tidemark strategies' lists them.", valueName: "strategy"),
    transform: { try Strategy(parsing: $0) })
  var strategy = Strategy.full

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of samples of a step.", valueName: "n"),
    transform: Value.count)
  var batchSize = 64

  @OptionGroup var input: InputOptions
  @OptionGroup var freezing: FreezingOptions
  @OptionGroup var optimizer: OptimizerOptions
  @OptionGroup var placement: PlacementOptions

  func validate() throws {
    try input.require(batchSize: batchSize, for: model)
  }

  /// The network.
  func network() throws -> Network {
    try freezing.applied(to: input.network(of: model))
  }

  /// The step of the strategy.
  ///
  /// - Throws: `ScheduleError` if the strategy does not fit the network, and `NetworkError` if the model
  ///   does not take the samples.
  func plan(common: CommonOptions) throws -> StrategyStep {
    try StrategyStep(
      planning: strategy, for: network(), batchSize: batchSize, threadCount: common.threadCount)
  }

  /// A run on made-up images: memory does not depend on what images show.
  ///
  /// - Throws: What `StrategyRun` throws.
  func makeRun(
    _ planned: StrategyStep, common: CommonOptions, limits: MemoryLimits = MemoryLimits()
  ) throws -> StrategyRun {
    let run = try StrategyRun(
      planned,
      settings: ComparisonSettings(
        batchSize: batchSize, seed: common.seed, optimizer: optimizer.settings(),
        arrangement: placement.placement),
      engine: try .standard(threadCount: common.threadCount), limits: limits)
    run.trainer.batch.fillWithMadeUpImages(for: planned.step.network)
    return run
  }
}
