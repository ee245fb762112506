import ArgumentParser
import Reporting
import Tidemark

/// `tidemark study estimators`: the default of `trace` beside the published estimator, layer by layer.
struct StudyEstimators: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimators",
    abstract: "Compares the errors of both estimators of weight gradients at the same bytes.",
    discussion: """
      Trains each model exactly, then computes the gradients of one more batch with the published \
      estimator (Gaussian probes) and with the default of trace, at the bytes of as many probes, and \
      prints both errors for every layer, and how many times smaller the squared error of the \
      default is. Writes estimators.csv.

      Example:
        tidemark study estimators --model vgg8 resnet8 --probes 4 16 64 --epochs 1
      """)

  @OptionGroup var models: ModelListOptions

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The numbers of probes.", valueName: "n"))
  var probes = ["4", "16", "64"]

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of images of a step.", valueName: "n"))
  var batchSize = "128"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The epochs of the training.", valueName: "n"))
  var epochs = "1"

  @OptionGroup var images: ImageDataOptions

  @Option(help: ArgumentHelp("The folder that the report is written to.", valueName: "folder"))
  var output = "Reports/study"

  @OptionGroup var common: CommonOptions

  func run() throws {
    let output = try Value.folder(output, flag: "--output")
    let studies = try makeStudies()
    for study in studies {
      try MemoryCheck.require(
        study.forecastPeakByteCount,
        for: "\(study.network.name) at batch size \(study.settings.batchSize)",
        advice: "choose a smaller --batch-size")
    }
    let folder = try ReportFolder(output, reports: ["estimators.csv"])
    if let study = studies.first { DataWords.show(study.data) }
    Interruption.postpone()
    let comparisons = try studies.map { try run($0) }
    let texts = zip(studies, comparisons).map { study, comparison in
      GradientErrorReport.csv(comparison, model: study.network.name)
    }
    var whole = CSVTable(columns: texts[0].columns)
    for row in texts.flatMap(\.rows) { whole.append(row) }
    try folder.writeUndisturbed([("estimators.csv", whole.text)])
    for (study, comparison) in zip(studies, comparisons) {
      StandardStream.output.line(
        "\n\(study.network.name) after \(study.settings.stepCount) steps of "
          + "\(study.settings.batchSize) images\n")
      StandardStream.output.line(GradientErrorReport.table(comparison).text)
    }
  }

  /// Runs one study and says on standard error how far it is.
  private func run(_ study: EstimatorStudy) throws -> EstimatorComparison {
    var reporter = ProgressReporter()
    reporter.begin("\(study.network.name): training", total: study.settings.stepCount)
    do {
      let comparison = try study.run(shouldStop: { Interruption.isRequested }) {
        reporter.update($0)
      }
      reporter.end()
      return comparison
    } catch {
      reporter.interrupt()
      guard case StepError.interrupted = error else { throw error }
      StandardStream.error.line("Interrupted; nothing was written to \(output).")
      Interruption.end()
    }
  }

  private func makeStudies() throws -> [EstimatorStudy] {
    let models = try models.models()
    let counts = Set(try probes.map { try Value.integer($0, flag: "--probes", in: 1...1024) })
    let size = try Value.integer(batchSize, flag: "--batch-size", in: 1...Value.largestCount)
    let epochCount = try Value.integer(epochs, flag: "--epochs", in: 1...Value.largestCount)
    let seed = try common.seedValue()
    let engine = try Engine.standard(threadCount: try common.threadCount())
    let data = try images.load()
    let stepCount =
      try BatchOrder(
        sampleCount: data.count(of: .training), batchSize: size, arrangement: .fileOrder
      ).batchesPerEpoch * epochCount
    return try models.map { model in
      try EstimatorStudy(
        try model.network(input: data.sampleShape, classes: data.classCount), data: data,
        settings: ComparisonSettings(batchSize: size, stepCount: stepCount, seed: seed),
        probeCounts: counts.sorted(), engine: engine)
    }
  }
}
