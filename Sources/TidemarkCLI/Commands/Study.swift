import ArgumentParser
import Reporting
import Tidemark

/// `tidemark study`: comparisons of methods that take hours.
struct Study: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares methods over many trainings; can be interrupted and goes on by itself.",
    discussion: """
      Example:
        tidemark study trace --model lenet --probes 4 16 --batch-sizes 64 256 --seeds 3
      """,
    subcommands: [StudyTrace.self, StudyEstimators.self])
}

/// `tidemark study trace`: what estimated gradients do to accuracy, and what they err.
struct StudyTrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Compares the published estimator of weight gradients with ours and with rivals.",
    discussion: """
      Trains with the exact method, the published estimator (Gaussian probes) and ours, for all \
      numbers of probes, batch sizes and seeds, and writes accuracy.csv and a chart a batch size. \
      Then it sets the error of a gradient against the bytes that are kept, for published \
      estimators, ours, quantisation, smaller batches and checkpointing, and writes errors.csv and \
      errors.svg. What accuracy.csv and errors.csv hold already is not made again: after an \
      interruption the same command goes on, and where nothing is missing it draws the charts anew.

      Example:
        tidemark study trace --model vgg8 --probes 4 16 64 --batch-sizes 32 128 --steps 200
      """)

  @Option(help: .model, transform: { try Model($0) })
  var model = Model.vgg8

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The numbers of probes.", valueName: "n"),
    transform: Value.whole(1...1024))
  var probes = [2, 4, 8, 16, 32, 64]

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The batch sizes.", valueName: "n"),
    transform: Value.count)
  var batchSizes = [32, 64, 128, 256, 512, 1024]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many seeds each training is made with.", valueName: "n"),
    transform: Value.whole(1...1000))
  var seeds = 3

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The epochs of each training; 1 if neither these nor steps are given.",
      valueName: "n"), transform: Value.count)
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The steps of each training, instead of epochs.", valueName: "n"),
    transform: Value.count)
  var steps: Int?

  @OptionGroup var optimizer: OptimizerOptions
  @OptionGroup var samples: DataOptions

  @Option(
    help: ArgumentHelp("The folder that the reports are written to.", valueName: "folder"),
    transform: Value.folder)
  var output = "Reports/study"

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    let study = try makeStudy()
    let errorStudy = try ErrorStudy(
      study.network, data: study.data, settings: study.settings, engine: study.engine)
    try MemoryCheck.require(
      max(study.forecastPeakByteCount, errorStudy.forecastPeakByteCount), for: "the largest batch",
      advice: "choose smaller --batch-sizes")
    let folder = try ReportFolder(
      output,
      reports: ["accuracy.csv", "errors.csv", "errors.svg"]
        + AccuracyReport.chartNames(study.settings.batchSizes))
    var report = AccuracyReport(study)
    var errors = ErrorReport(study)
    let (path, errorPath) = ("\(output)/accuracy.csv", "\(output)/errors.csv")
    if FileReading.exists(path) { try report.read(path) }
    if FileReading.exists(errorPath) { try errors.read(errorPath) }
    DataWords.show(study.data)
    LeftOverSamples.show(of: study.data, batchSizes: study.settings.batchSizes, stepCount: steps)

    Interruption.postpone()
    do {
      let work = try StudyWork(
        study, errorStudy, done: Set(report.outcomes.map(\.cell)),
        doneErrors: Set(errors.points.map(\.cell)))
      if let words = work.duration { StandardStream.error.line(words) }
      try work.run { outcome in
        report.append(outcome)
        try report.csv.write(to: path)
      } foundError: { point in
        errors.append(point)
        try errors.csv.write(to: errorPath)
      }
    } catch StepError.interrupted {
      StandardStream.error.line(
        "Interrupted; the same command goes on after the \(report.outcomes.count) trainings of "
          + "\(path) and the \(errors.points.count) errors of \(errorPath).")
      Interruption.end()
    }
    try finish(study, report, errors, folder)
  }

  private func finish(
    _ study: AccuracyStudy, _ report: AccuracyReport, _ errors: ErrorReport,
    _ folder: ReportFolder
  ) throws {
    try folder.writeUndisturbed(
      [("errors.svg", errors.chart.svg)] + report.charts.map { ($0.name, $0.chart.svg) })
    StandardStream.error.line("Beside them are \(output)/accuracy.csv and \(output)/errors.csv.")
    StandardStream.output.line(
      "\n\(study.network.name): test accuracy after \(study.settings.description), per cent\n")
    StandardStream.output.line(report.table.text)
    StandardStream.output.line(
      "The least error of a gradient by compression, batch size "
        + "\(study.settings.errorBatchSize)\n")
    StandardStream.output.line(errors.table.text)
  }

  func validate() throws {
    guard let epochs, let steps else { return }
    throw ValidationError(
      flag: "--steps", value: "\(steps)", expectation: "left out with --epochs \(epochs)")
  }

  private func makeStudy() throws -> AccuracyStudy {
    let settings = StudySettings(
      probeCounts: Set(probes).sorted(), batchSizes: Set(batchSizes).sorted(), seedCount: seeds,
      length: steps.map { .steps($0) } ?? .epochs(epochs ?? 1),
      optimizer: optimizer.settings(usual: .adam(AdamRule())))
    let engine = try Engine.standard(threadCount: threads.count)
    let data = try samples.load(for: model)
    return try AccuracyStudy(
      try model.network(input: data.sampleShape, classes: data.classCount), data: data,
      settings: settings, engine: engine)
  }
}
