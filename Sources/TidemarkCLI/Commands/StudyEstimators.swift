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
    parsing: .upToNextOption, help: ArgumentHelp("The numbers of probes.", valueName: "n"),
    transform: Value.whole(1...1024))
  var probes = [4, 16, 64]

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of samples of a step.", valueName: "n"),
    transform: Value.count)
  var batchSize = 128

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The epochs of the training.", valueName: "n"),
    transform: Value.count)
  var epochs = 1

  @OptionGroup var optimizer: OptimizerOptions
  @OptionGroup var samples: DataOptions

  @Option(
    help: ArgumentHelp("The folder that the report is written to.", valueName: "folder"),
    transform: Value.folder)
  var output = "Reports/study"

  @OptionGroup var common: CommonOptions

  func run() throws {
    let studies = try makeStudies()
    for study in studies {
      try MemoryCheck.require(
        study.forecastPeakByteCount,
        for: "\(study.network.name) at batch size \(study.settings.batchSize)",
        advice: "choose a smaller --batch-size")
    }
    let folder = try ReportFolder(output, reports: ["estimators.csv"])
    if let study = studies.first {
      DataWords.show(study.data)
      LeftOverSamples.show(of: study.data, batchSizes: [batchSize])
    }
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
          + "\(study.settings.batchSize) \(study.data.sampleNoun)\n")
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
      reporter.stop(error)
      guard case StepError.interrupted = error else { throw error }
      StandardStream.error.line("Interrupted; nothing was written to \(output).")
      Interruption.end()
    }
  }

  private func makeStudies() throws -> [EstimatorStudy] {
    let engine = try Engine.standard(threadCount: common.threadCount)
    return try samples.load(for: models.distinct).map { model, data in
      let stepCount =
        try BatchOrder(
          sampleCount: data.count(of: .training), batchSize: batchSize, arrangement: .fileOrder
        ).batchesPerEpoch * epochs
      return try EstimatorStudy(
        try model.network(input: data.sampleShape, classes: data.classCount), data: data,
        settings: ComparisonSettings(
          batchSize: batchSize, stepCount: stepCount, seed: common.seed,
          optimizer: optimizer.settings()),
        probeCounts: Set(probes).sorted(), engine: engine)
    }
  }
}
