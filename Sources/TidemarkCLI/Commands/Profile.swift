import ArgumentParser
import Reporting
import Tidemark

/// `tidemark profile`: one strategy in detail.
struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the memory of one strategy: layers, timeline, what stands at the peak.",
    discussion: """
      Runs a few training steps on made-up images, since bytes do not depend on what images show, \
      and writes layers.csv, timeline.csv and timeline.html. With --forecast-only nothing runs and \
      no tensor is allocated, so that networks larger than this machine can be looked at.

      Example:
        tidemark profile --model resnet18 --strategy checkpoint:4 --batch-size 4096 --forecast-only
      """)

  @OptionGroup var subject: StepOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of training steps.", valueName: "n"),
    transform: Value.count)
  var steps = 3

  @Flag(help: "Compute everything and run nothing.")
  var forecastOnly = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most bytes that may stand at once, such as 64MiB.", valueName: "size"),
    transform: { try ByteCount(parsing: $0) })
  var budget: ByteCount?

  @Option(
    help: ArgumentHelp("The folder that the reports are written to.", valueName: "folder"),
    transform: Value.folder)
  var output = "Reports/profile"

  @OptionGroup var common: CommonOptions

  func run() throws {
    let limit = budget?.bytes
    let planned = try subject.plan(common: common)
    let forecast = try forecast(of: planned)
    let folder = try ReportFolder(
      output, reports: ["layers.csv", "timeline.csv", "timeline.html"])
    if forecastOnly {
      try require(forecast, fits: limit)
      try finish(
        forecast, seconds: [],
        facts: facts(
          of: forecast,
          placement: subject.placement.placement == .slab
            ? StepPlacement(forecast.step) : nil), budget: limit, folder: folder)
      return
    }
    try MemoryCheck.require(
      min(limit ?? .max, forecast.forecast.peakByteCount),
      for: "\(forecast.network.name) at batch size \(forecast.step.batchSize)",
      advice: "choose a smaller --batch-size, or --forecast-only")
    let run = try subject.makeRun(
      planned, common: common, limits: MemoryLimits(total: limit))
    var reporter = ProgressReporter()
    reporter.begin("\(forecast.network.name) under \(forecast.strategy)", total: steps)
    for step in 1...steps {
      try run.step()
      reporter.update(step)
    }
    reporter.end()
    var profile = run.profile ?? forecast
    let facts = try facts(of: profile, placement: run.trainer.placement)
    profile.gradientErrors = try gradientErrors(of: run, limit: limit)
    try finish(
      profile, seconds: run.actionSeconds, facts: facts, budget: limit, folder: folder)
  }

  /// The errors of estimated gradients, which takes steps under full storage: none if those do not fit.
  private func gradientErrors(of run: StrategyRun, limit: Int?) throws -> [LayerGradientError] {
    guard case .trace = run.strategy.approximation else { return [] }
    let trainer = run.trainer
    let batchSize = trainer.trainingStep.batchSize
    let full = try Step.training(
      trainer.network, strategy: .full, batchSize: batchSize,
      threadCount: trainer.trainingStep.threadCount)
    let peak = Forecast(full, baseline: trainer.baseline).peakByteCount
    guard peak <= min(limit ?? .max, try SystemFacts.availableBytes()) else {
      StandardStream.error.line(
        "The errors of gradients are not measured: full storage would take "
          + "\(ByteCount(bytes: peak).description).")
      return []
    }
    let errors = GradientErrors(
      trainer.store, batchSize: batchSize,
      engine: try .standard(threadCount: common.threadCount), seed: common.seed)
    let images = Dataset.madeUp(
      for: trainer.network, count: batchSize * errors.batchCount)
    return try errors.measure([trainer.trainingStep], exact: full) { batch, number in
      batch.fill(number * batchSize..<(number + 1) * batchSize, of: images)
    }[0]
  }

  private func forecast(of planned: StrategyStep) throws -> StepProfile {
    let step = planned.step
    return StepProfile(
      step: step, strategy: "\(planned.strategy)",
      baseline: BaselineMemory(
        network: step.network, batchSize: step.batchSize,
        optimizer: subject.optimizer.settings()))
  }

  private func require(_ profile: StepProfile, fits limit: Int?) throws {
    let peak = profile.forecast.peakByteCount
    guard let limit, peak > limit else { return }
    throw CommandFailure(
      category: .overBudget,
      description: "\(profile.network.name) under \(profile.strategy) needs "
        + "\(ByteCount(bytes: peak).fullDescription) at \(PeakBreakdown(profile).moment), "
        + "\(ByteCount(bytes: peak - limit).fullDescription) more than the budget of "
        + ByteCount(bytes: limit).fullDescription)
  }

  private func facts(of profile: StepProfile, placement: StepPlacement?) throws -> [String] {
    let step = profile.step
    let saved = ByteCount(bytes: step.savedByteCount)
    let peak = ByteCount(bytes: profile.forecast.peakByteCount)
    var facts = [
      "Batch of \(step.batchSize) samples of \(profile.network.inputShape), "
        + "\(step.threadCount) threads.",
      "Saved for the backward pass: \(saved.fullDescription); recomputed: "
        + "\(NumberFormat.percent(step.recomputedFLOPsFraction)) of a forward pass.",
    ]
    if let measurement = profile.measurement {
      let resident = ByteCount(bytes: try SystemFacts.peakResidentBytes())
      facts += [
        "Peak: \(peak.fullDescription) requested; the forecast agrees to the byte at all "
          + "\(measurement.timeline.count) actions.",
        "With the allocator's size classes: "
          + "\(ByteCount(bytes: measurement.memory.usableGlobalPeak).fullDescription) usable; "
          + "the whole process: \(resident.fullDescription) resident.",
      ]
    } else {
      facts.append("Peak: \(peak.fullDescription) requested, as forecast; nothing ran.")
    }
    if let placement { facts.append(placement.summary) }
    return facts
  }

  private func finish(
    _ profile: StepProfile, seconds: [Double], facts: [String], budget: Int?, folder: ReportFolder
  ) throws {
    try folder.writeUndisturbed([
      ("layers.csv", LayerReport.csv([profile]).text),
      ("timeline.csv", TimelineReport.csv([profile]).text),
      ("timeline.html", TimelineReport(profile, facts: facts, budget: budget).html),
    ])
    let output = StandardStream.output
    output.line("\(profile.network.name) under \(profile.strategy)\n")
    output.line(LayerReport.table(profile).text)
    let peak = PeakBreakdown(profile)
    output.line("Memory from action to action, from nothing to the peak:\n")
    for line in TimelineSketch.lines(profile) { output.line("  \(line)") }
    output.line("\nAt the peak, \(peak.moment):\n")
    output.line(peak.byCategory.text)
    if let owners = peak.byOwner { output.line(owners.text) }
    if !seconds.isEmpty {
      output.line("The time of a step, the fastest of each action:\n")
      output.line(TimeReport(profile.step, seconds: seconds).byLayer.text)
    }
    if !profile.gradientErrors.isEmpty {
      output.line("Estimated gradients, on made-up images:\n")
      output.line(GradientErrorReport.table(profile.gradientErrors).text)
    }
    for fact in facts { output.line(fact) }
  }
}
