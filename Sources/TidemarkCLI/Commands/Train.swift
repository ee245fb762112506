import ArgumentParser
import Reporting
import Tidemark

/// `tidemark train`: trains a network, and can be stopped and resumed at any moment.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a model under a strategy; can be interrupted and resumed at any moment.",
    discussion: """
      Writes metrics.csv with a row an epoch, checkpoint.safetensors after each epoch and when it is \
      interrupted, and at the end parameters.safetensors, which PyTorch can load. With --resume the \
      same command goes on where the checkpoint was written and ends with the bits of a training \
      that was never interrupted.

      Example:
        tidemark train --model vgg8 --strategy trace:16 --epochs 5 --batch-size 128 --output run1
      """)

  @Option(help: ArgumentHelp("The model; 'tidemark models' lists them.", valueName: "name"))
  var model: String

  @Option(
    help: ArgumentHelp("The strategy; 'tidemark strategies' lists them.", valueName: "strategy"))
  var strategy = "full"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many times the samples are gone through.", valueName: "n"))
  var epochs = "5"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of samples of a step.", valueName: "n"))
  var batchSize = "64"

  @OptionGroup var optimizer: OptimizerOptions

  @Option(
    help: ArgumentHelp(
      "The folder with the four files of Fashion-MNIST, or for unet3d-small one with NIfTI files of "
        + "the same names in 'images' and 'labels'. If not given: Debian's or the bundled images, or "
        + "made-up volumes.", valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp("The folder that everything is written to.", valueName: "folder"))
  var output = "Reports/train"

  @Flag(help: "Go on from the checkpoint in the output folder.")
  var resume = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let session = try makeSession()
    let files = TrainingFiles(folder: output)
    let isResumed = try files.prepare(session, resume: resume)
    StandardStream.output.line("Data: \(session.data.provenance).")
    if isResumed {
      StandardStream.error.line(
        "Going on from \(files.checkpoint): \(session.trainer.stepCount) steps and "
          + "\(session.metrics.count) epochs are done.")
    } else if resume {
      StandardStream.error.line("There is no \(files.checkpoint) yet: beginning at the first step.")
    }

    Interruption.postpone()
    var display = TrainingDisplay(session)
    let outcome: TrainingSession.Outcome
    do {
      outcome = try session.run(
        savingTo: files.checkpoint, shouldStop: { Interruption.isRequested }
      ) { progress in
        display.show(progress)
        if case .epoch = progress { try files.writeMetrics(of: session) }
      }
    } catch {
      display.interrupt()
      throw error
    }
    guard case .finished = outcome else {
      display.interrupt()
      StandardStream.error.line(
        "Interrupted after \(session.trainer.stepCount) steps; the same command with --resume goes "
          + "on from \(files.checkpoint).")
      Interruption.end()
    }
    try files.writeParameters(of: session)
    StandardStream.output.line(TrainingReport.conclusion(session))
    StandardStream.error.line("Wrote \(files.metrics), \(files.parameters).")
  }

  private func trainingData(for model: Model) throws -> any TrainingData {
    guard model == .unet3dSmall else { return try FashionMNIST.load(folder: data) }
    return try data.map { try VolumeDataset.load(folder: $0) } ?? .synthetic()
  }

  /// The training that the flags describe.
  private func makeSession() throws -> TrainingSession {
    let model = try Value.model(model)
    let settings = TrainingSettings(
      strategy: try Strategy(parsing: strategy),
      batchSize: try Value.integer(batchSize, flag: "--batch-size", in: 1...Value.largestCount),
      epochCount: try Value.integer(epochs, flag: "--epochs", in: 1...Value.largestCount),
      optimizer: try optimizer.settings(), schedule: try optimizer.parsedSchedule(),
      seed: try common.seedValue())
    let threadCount = try common.threadCount()
    let data = try trainingData(for: model)
    let network = try model.network(input: data.sampleShape, classes: data.classCount)
    let step = try Step.training(
      network, strategy: settings.strategy, batchSize: settings.batchSize,
      threadCount: threadCount)
    let baseline = BaselineMemory(
      network: network, batchSize: settings.batchSize,
      optimizerStateCount: settings.optimizer.stateCount)
    try MemoryCheck.require(
      Forecast(step, baseline: baseline).peakByteCount,
      for: "\(network.name) at batch size \(settings.batchSize)",
      advice: "choose a smaller --batch-size, or another --strategy")
    return try TrainingSession(
      network, data: data, settings: settings, engine: .standard(threadCount: threadCount))
  }
}
