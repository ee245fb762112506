import ArgumentParser
import Reporting
import Tidemark

/// `tidemark compare`: what each strategy costs, measured side by side.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains models under several strategies and compares memory, time and gradients.",
    discussion: """
      Trains on Fashion-MNIST or, models of volumes, on volumes, prints a table a model and writes comparison.csv, layers.csv and \
      timeline.csv. Full storage always takes part: the others are measured against it. Of the \
      strategies that are compared unless others are named, a model leaves out those whose budget \
      it does not fit.

      Example:
        tidemark compare --model vgg8 --strategy sqrt trace:16 checkpoint:4+trace:16 --steps 50
      """)

  @OptionGroup var models: ModelListOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The strategies; 'tidemark strategies' lists them. If not given: "
        + "\(Self.usualStrategies.joined(separator: " ")).", valueName: "strategy"),
    transform: { try Strategy(parsing: $0) })
  var strategy: [Strategy] = []

  private static let usualStrategies = [
    "full", "sqrt", "checkpoint:3", "optimal:1/2", "optimal:1/3", "microbatch:2", "spill:8MiB",
    "quantize:4", "trace:8", "trace:32",
  ]

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of samples of a step.", valueName: "n"),
    transform: Value.count)
  var batchSize = 64

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of training steps of each strategy.", valueName: "n"),
    transform: Value.count)
  var steps = 200

  @OptionGroup var freezing: FreezingOptions
  @OptionGroup var optimizer: OptimizerOptions
  @OptionGroup var samples: DataOptions

  @Option(
    help: ArgumentHelp("The folder that the reports are written to.", valueName: "folder"),
    transform: Value.folder)
  var output = "Reports"

  @OptionGroup var placement: PlacementOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let strategies =
      strategy.isEmpty ? try Self.usualStrategies.map { try Strategy(parsing: $0) } : strategy
    let settings = ComparisonSettings(
      batchSize: batchSize, stepCount: steps, seed: common.seed, optimizer: optimizer.settings(),
      arrangement: placement.placement)
    let engine = try Engine.standard(threadCount: common.threadCount)

    var leftOut: [ScheduleError] = []
    let comparisons = try samples.load(for: models.distinct).map { model, data in
      let network = try freezing.applied(
        to: model.network(input: data.sampleShape, classes: data.classCount))
      try data.requireFit(network)
      return try Comparison(
        network, steps: plan(strategies, network, settings, engine, leftOut: &leftOut),
        settings: settings, data: data, engine: engine)
    }
    for comparison in comparisons {
      try MemoryCheck.require(
        comparison.forecastPeakByteCount,
        for: "\(comparison.network.name) at batch size \(settings.batchSize)",
        advice: "choose a smaller --batch-size")
    }
    let folder = try ReportFolder(
      output, reports: ["comparison.csv", "layers.csv", "timeline.csv"])

    for data in distinct(comparisons.map(\.data)) {
      DataWords.show(data)
      LeftOverSamples.show(of: data, batchSizes: [batchSize], stepCount: steps)
    }
    for error in leftOut { StandardStream.error.line("Left out: \(error).") }
    var results: [[ComparisonRow]] = []
    for comparison in comparisons { results.append(try run(comparison)) }
    try write(results.flatMap { $0 }, to: folder)
    for (comparison, rows) in zip(comparisons, results) {
      show(rows, noun: comparison.data.sampleNoun)
    }
    StandardStream.output.line(ComparisonReport.conclusion(results))
  }

  /// Data sets, each once.
  private func distinct(_ data: [any TrainingData]) -> [any TrainingData] {
    var seen = Set<String>()
    return data.filter { seen.insert($0.provenance).inserted }
  }

  /// The steps of all strategies, each planned once; of the usual ones, of those that go with a model
  /// and a batch, and the errors of the others.
  private func plan(
    _ strategies: [Strategy], _ network: Network, _ settings: ComparisonSettings,
    _ engine: Engine, leftOut: inout [ScheduleError]
  ) throws -> [StrategyStep] {
    var steps: [StrategyStep] = []
    for strategy in strategies where !steps.contains(where: { $0.strategy == strategy }) {
      do {
        steps.append(
          try StrategyStep(
            planning: strategy, for: network, batchSize: settings.batchSize,
            threadCount: engine.threadCount))
      } catch {
        guard self.strategy.isEmpty, strategy != .full else { throw error }
        leftOut.append(error)
      }
    }
    return steps
  }

  /// Compares on one model and says on standard error how far it is.
  private func run(_ comparison: Comparison) throws -> [ComparisonRow] {
    let name = comparison.network.name
    let settings = comparison.settings
    var reporter = ProgressReporter()
    reporter.begin("\(name): training", total: settings.stepCount)
    var afterTraining = 0
    let rows = try comparison.run { strategy in
      try MeasuringProcess(
        arguments: [
          "measure", "--model", name, "--strategy", "\(strategy)", "--input",
          "\(comparison.network.inputShape)", "--classes", "\(comparison.network.classCount)",
          "--batch-size", "\(settings.batchSize)", "--threads", "\(common.threadCount)",
          "--seed", "\(settings.seed)", "--placement", settings.arrangement.rawValue,
        ] + freezing.arguments + OptimizerOptions.arguments(for: settings.optimizer)
      ).peakResidentBytes()
    } progress: { progress in
      switch progress {
      case .training(let done, let total):
        reporter.update(done)
        guard done == total else { return }
        reporter.end()
        reporter.begin("\(name): testing", total: 2 * comparison.steps.count)
      case .evaluating(let strategy):
        reporter.update(afterTraining, detail: "\(strategy) on test \(comparison.data.sampleNoun)")
        afterTraining += 1
      case .measuringProcess(let strategy):
        reporter.update(afterTraining, detail: "\(strategy) in a process of its own")
        afterTraining += 1
      }
    }
    reporter.end()
    return rows
  }

  private func show(_ rows: [ComparisonRow], noun: String) {
    guard let first = rows.first else { return }
    StandardStream.output.line(
      "\n\(first.model): \(first.stepCount) steps of \(first.batchSize) \(noun), "
        + "\(first.threadCount) threads\n")
    StandardStream.output.line(ComparisonReport.table(rows).text)
    for row in rows where !row.profile.gradientErrors.isEmpty {
      StandardStream.output.line("Gradients of \(first.model) under \(row.strategy), at the end:\n")
      StandardStream.output.line(GradientErrorReport.table(row.profile.gradientErrors).text)
    }
    for row in rows where !row.finalLoss.isFinite {
      StandardStream.output.line(
        "\(row.strategy) diverged: the loss of its step \(row.stepCount) was \(row.finalLoss).\n")
    }
  }

  private func write(_ rows: [ComparisonRow], to folder: ReportFolder) throws {
    let profiles = rows.map(\.profile)
    try folder.writeUndisturbed([
      ("comparison.csv", ComparisonReport.csv(rows).text),
      ("layers.csv", LayerReport.csv(profiles).text),
      ("timeline.csv", TimelineReport.csv(profiles).text),
    ])
  }
}
