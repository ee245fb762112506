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
      errors.svg. Trainings that accuracy.csv holds already are not made again: after an \
      interruption the same command goes on.

      Example:
        tidemark study trace --model vgg8 --probes 4 16 64 --batch-sizes 32 128 --steps 200
      """)

  @Option(help: ArgumentHelp("The model; 'tidemark models' lists them.", valueName: "name"))
  var model = "vgg8"

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The numbers of probes.", valueName: "n"))
  var probes = ["2", "4", "8", "16", "32", "64"]

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The batch sizes.", valueName: "n"))
  var batchSizes = ["32", "64", "128", "256", "512", "1024"]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many seeds each training is made with.", valueName: "n"))
  var seeds = "3"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The epochs of each training; 1 if neither these nor steps are given.",
      valueName: "n"))
  var epochs: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The steps of each training, instead of epochs.", valueName: "n"))
  var steps: String?

  @OptionGroup var images: ImageDataOptions

  @Option(help: ArgumentHelp("The folder that the reports are written to.", valueName: "folder"))
  var output = "Reports/study"

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    let study = try makeStudy()
    try MemoryCheck.require(
      study.forecastPeakByteCount, for: "the largest batch", advice: "choose smaller --batch-sizes")
    try FileWriting.createFolder(output)
    let path = "\(output)/accuracy.csv"
    try FileWriting.checkWritable(path)
    var report = AccuracyReport(study)
    if FileReading.exists(path) { try report.read(path) }
    StandardStream.output.line("Data: \(study.data.provenance).")

    let done = Set(report.outcomes.map(\.cell))
    let cells = study.cells.filter { !done.contains($0) }
    try tellDuration(of: cells, in: study)
    Interruption.postpone()
    var display = StudyDisplay(study, cells: cells)
    do {
      for cell in cells {
        let outcome = try study.run(cell, shouldStop: { Interruption.isRequested }) {
          display.show(cell, step: $0)
        }
        display.finish(cell)
        report.append(outcome)
        try report.csv.write(to: path)
      }
      display.end()
      try finish(study, report)
    } catch {
      display.interrupt()
      guard case StepError.interrupted = error else { throw error }
      StandardStream.error.line(
        "Interrupted; the same command goes on after the \(report.outcomes.count) trainings of "
          + "\(path).")
      Interruption.end()
    }
  }

  private func finish(_ study: AccuracyStudy, _ report: AccuracyReport) throws {
    let errorStudy = ErrorStudy(
      study.network, data: study.data, settings: study.settings, engine: study.engine)
    var reporter = ProgressReporter()
    reporter.begin("errors of gradients", total: errorStudy.partCount)
    let points: [ErrorPoint]
    do {
      points = try errorStudy.run(shouldStop: { Interruption.isRequested }) { reporter.update($0) }
      reporter.end()
    } catch {
      reporter.interrupt()
      throw error
    }
    let errors = ErrorReport(study, points: points)
    StandardStream.output.line(
      "\n\(study.network.name): test accuracy after \(study.settings.description), per cent\n")
    StandardStream.output.line(report.table.text)
    StandardStream.output.line(
      "The least error of a gradient by compression, batch size "
        + "\(study.settings.errorBatchSize)\n")
    StandardStream.output.line(errors.table.text)
    let paths = try ReportFolder(output, reports: []).write(
      [("errors.csv", errors.csv.text), ("errors.svg", errors.chart.svg)]
        + report.charts.map { ($0.name, $0.chart.svg) })
    StandardStream.error.line("Wrote \(output)/accuracy.csv, \(paths.joined(separator: ", ")).")
  }

  /// Says how many trainings there are to make, and about how long they will take.
  private func tellDuration(of cells: [AccuracyCell], in study: AccuracyStudy) throws {
    guard !cells.isEmpty else { return }
    // Of trainings that differ in their seed only, one is tried.
    var known: [AccuracyCell: Double] = [:]
    var seconds = 0.0
    for cell in cells {
      let kind = AccuracyCell(
        method: cell.method, probeCount: cell.probeCount, batchSize: cell.batchSize, seed: 0)
      let estimate = try known[kind] ?? study.estimatedSeconds(of: kind)
      known[kind] = estimate
      seconds += estimate
    }
    StandardStream.error.line(
      "\(cells.count) of \(study.cells.count) trainings to make: about "
        + "\(NumberFormat.seconds(seconds)).")
  }

  private func makeStudy() throws -> AccuracyStudy {
    let model = try Value.model(model)
    func numbers(_ texts: [String], _ flag: String, upTo most: Int) throws -> [Int] {
      Array(Set(try texts.map { try Value.integer($0, flag: flag, in: 1...most) })).sorted()
    }
    if let epochs, let steps {
      throw UsageError(
        flag: "--steps", value: steps, expectation: "left out with --epochs \(epochs)")
    }
    let length: StudySettings.Length =
      if let steps {
        .steps(try Value.integer(steps, flag: "--steps", in: 1...Value.largestCount))
      } else {
        .epochs(try Value.integer(epochs ?? "1", flag: "--epochs", in: 1...Value.largestCount))
      }
    let settings = StudySettings(
      probeCounts: try numbers(probes, "--probes", upTo: 1024),
      batchSizes: try numbers(batchSizes, "--batch-sizes", upTo: Value.largestCount),
      seedCount: try Value.integer(seeds, flag: "--seeds", in: 1...1000), length: length)
    let engine = try Engine.standard(threadCount: try threads.count())
    let data = try images.load()
    return try AccuracyStudy(
      try model.network(input: data.sampleShape, classes: data.classCount), data: data,
      settings: settings, engine: engine)
  }
}
