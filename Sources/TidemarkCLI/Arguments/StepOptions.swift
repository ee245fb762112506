import ArgumentParser
import Tidemark

/// What tells one training step from another: model, strategy, batch.
struct StepOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model; 'tidemark models' lists them.", valueName: "name"))
  var model: String

  @Option(
    help: ArgumentHelp("The strategy; 'tidemark strategies' lists them.", valueName: "strategy"))
  var strategy = "full"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of samples of a step.", valueName: "n"))
  var batchSize = "64"

  @OptionGroup var input: InputOptions
  @OptionGroup var placement: PlacementOptions

  /// The network.
  func network() throws -> Network {
    try input.network(of: try Value.model(model))
  }

  /// The strategy.
  func parsedStrategy() throws -> Strategy {
    try Strategy(parsing: strategy)
  }

  /// The number of samples of a step.
  func batchSizeValue() throws -> Int {
    try input.batchSize(batchSize, for: try Value.model(model))
  }

  /// A run on made-up images: memory does not depend on what images show.
  ///
  /// - Throws: What the options' values are wrong about, and what `StrategyRun` throws.
  func makeRun(common: CommonOptions, limits: MemoryLimits = MemoryLimits()) throws -> StrategyRun {
    let network = try network()
    let size = try batchSizeValue()
    let run = try StrategyRun(
      network, strategy: try parsedStrategy(),
      settings: ComparisonSettings(
        batchSize: size, seed: try common.seedValue(), arrangement: try placement.arrangement()),
      engine: try .standard(threadCount: try common.threadCount()), limits: limits)
    run.trainer.batch.fillWithMadeUpImages(for: network)
    return run
  }
}
