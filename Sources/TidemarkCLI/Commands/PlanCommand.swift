import ArgumentParser
import Reporting
import Tidemark

/// `tidemark plan`: the fastest way of running a step that fits a budget.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Finds the fastest way of running a training step within a budget of bytes.",
    discussion: """
      Chooses for every value whether it waits whole, as a mask, in a file, or is computed anew, and \
      whether the batch runs in parts; with a tolerance also whether it is recovered from another \
      value, waits in a few bits or as a sketch. A file is taken to write and read 1 GB/s. Shows \
      the plan layer by layer, forecast memory and time, and writes layers.csv and the curve of time \
      against memory as curve.csv and curve.svg. Seconds are forecast from what a few samples take, \
      in a fraction of a second and of the memory; for networks too large even for that, from their \
      heaviest layer. The step itself runs only with --execute, so that networks larger than this \
      machine can be planned.

      The budget is for activations, transients and workspace; parameters, their gradients, the \
      optimiser and the input stand besides.

      Example:
        tidemark plan --model resnet50 --batch-size 256 --budget 8GiB
        tidemark plan --model resnet18 --budget 1/2 --execute
      """)

  @Option(help: .model, transform: { try Model($0) })
  var model: Model

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of samples of a step.", valueName: "n"),
    transform: Value.count)
  var batchSize = 64

  @OptionGroup var input: InputOptions
  @OptionGroup var freezing: FreezingOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What a step may take, such as 64MiB, or as a share of full storage, such as 1/2.",
      valueName: "size"), transform: { try StepBudget(parsing: $0) })
  var budget: StepBudget

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The relative error of the gradient that may be expected, such as 0.05; exact if not given.",
      valueName: "error"),
    transform: Value.number("a number above 0, at most 100; leave it out for exact gradients") {
      $0 > 0 && $0 <= 100
    })
  var tolerance: Double?

  @OptionGroup var placement: PlacementOptions

  @Flag(help: "Run the planned step on made-up images and compare it with its forecast.")
  var execute = false

  @Option(
    help: ArgumentHelp("The folder that the reports are written to.", valueName: "folder"),
    transform: Value.folder)
  var output = "Reports/plan"

  @OptionGroup var common: CommonOptions

  /// How often a planned step runs; memory is the same each time, and the fastest is shown.
  private static let stepCount = 5

  func validate() throws {
    try input.require(batchSize: batchSize, for: model)
  }

  func run() throws {
    let network = try freezing.applied(to: input.network(of: model))
    let tolerance = tolerance ?? 0
    let engine = try Engine.standard(threadCount: common.threadCount)
    let settings = ComparisonSettings(
      batchSize: batchSize, seed: common.seed, arrangement: placement.placement)
    let folder = try ReportFolder(output, reports: ["layers.csv", "curve.csv", "curve.svg"])

    let measured = try MachineRates.measured(for: network, engine: engine)
    let rates = measured ?? .assumed(threadCount: engine.threadCount)
    let sensitivity =
      tolerance > 0
      ? try GradientSensitivity.measured(
        for: network, batchSize: batchSize, engine: engine) : nil
    let planner = try StepPlanner(
      network, batchSize: batchSize, threadCount: engine.threadCount, tolerance: tolerance,
      sensitivity: sensitivity)
    let plan = try planner.plan(budget: budget)
    let timings = try PassTimings.measured(
      for: network, batchSize: batchSize, rates: rates, engine: engine)
    let baseline = BaselineMemory(
      network: network, batchSize: batchSize, optimizer: settings.optimizer)
    let name = "plan:\(budget)"
    let forecast = StepProfile(step: plan.step, strategy: name, baseline: baseline)
    let summary = PlanSummary(
      plan, planner: planner, profile: forecast, rates: rates, timings: timings,
      isMeasured: measured != nil, sensitivity: sensitivity)

    let report = PlanReport(
      plan, curve: planner.curve(), rates: rates, timings: timings, baseline: baseline)
    try folder.writeUndisturbed([
      ("layers.csv", LayerReport.csv([forecast]).text), ("curve.csv", report.csv.text),
      ("curve.svg", report.chart.svg),
    ])
    StandardStream.output.line("\(network.name) within \(budget)\n")
    StandardStream.output.line(LayerReport.table(forecast).text)
    for line in summary.lines { StandardStream.output.line(line) }
    if execute {
      try self.execute(
        plan, full: planner.fullStep, named: name, summary: summary, settings: settings,
        engine: engine)
    }
  }

  /// Runs the planned step and says how it compares with its forecast.
  private func execute(
    _ plan: PlannedStep, full: Step, named name: String, summary: PlanSummary,
    settings: ComparisonSettings, engine: Engine
  ) throws {
    try MemoryCheck.require(
      PlanExecution.byteCount(of: plan, full: full, settings: settings), for: "running this plan",
      advice: "leave out --execute")
    let execution = try PlanExecution(
      plan, full: full, named: name, stepCount: Self.stepCount, settings: settings, engine: engine)
    StandardStream.output.line()
    for line in summary.lines(after: execution) { StandardStream.output.line(line) }
  }
}
