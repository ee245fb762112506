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

  @Option(help: .model, transform: { try Model($0) })
  var model: Model

  @Option(
    help: ArgumentHelp("The strategy; 'tidemark strategies' lists them.", valueName: "strategy"),
    transform: { try Strategy(parsing: $0) })
  var strategy = Strategy.full

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many times the samples are gone through.", valueName: "n"),
    transform: Value.count)
  var epochs = 5

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of samples of a step.", valueName: "n"),
    transform: Value.count)
  var batchSize = 64

  @OptionGroup var freezing: FreezingOptions
  @OptionGroup var optimizer: OptimizerOptions

  @Option(
    help: ArgumentHelp(
      "How the learning rate changes: \(LearningRateSchedule.spellings); E are epochs.",
      valueName: "schedule"), transform: { try LearningRateSchedule(parsing: $0) })
  var schedule = LearningRateSchedule()

  @OptionGroup var samples: DataOptions

  @Option(
    help: ArgumentHelp("The folder that everything is written to.", valueName: "folder"),
    transform: Value.folder)
  var output = "Reports/train"

  @Flag(help: "Go on from the checkpoint in the output folder.")
  var resume = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let files = TrainingFiles(folder: output)
    let session = try makeSession()
    let isResumed = try files.prepare(session, resume: resume)
    DataWords.show(session.data)
    LeftOverSamples.show(of: session.data, batchSizes: [batchSize])
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
      display.stop(error)
      throw error
    }
    guard case .finished = outcome else {
      display.stop(StepError.interrupted)
      StandardStream.error.line(
        "Interrupted after \(session.trainer.stepCount) steps; the same command with --resume goes "
          + "on from \(files.checkpoint).")
      Interruption.end()
    }
    try files.writeParameters(of: session)
    StandardStream.output.line(TrainingReport.conclusion(session))
    StandardStream.error.line("Wrote \(files.metrics), \(files.parameters).")
  }

  /// The training that the flags describe.
  private func makeSession() throws -> TrainingSession {
    let settings = TrainingSettings(
      strategy: strategy, batchSize: batchSize, epochCount: epochs,
      optimizer: optimizer.settings(), schedule: schedule, seed: common.seed)
    let threadCount = common.threadCount
    let data = try samples.load(for: model)
    let network = try freezing.applied(
      to: model.network(input: data.sampleShape, classes: data.classCount))
    let step = try Step.training(
      network, strategy: settings.strategy, batchSize: settings.batchSize,
      threadCount: threadCount)
    let baseline = BaselineMemory(
      network: network, batchSize: settings.batchSize,
      optimizer: settings.optimizer)
    try MemoryCheck.require(
      Forecast(step, baseline: baseline).peakByteCount,
      for: "\(network.name) at batch size \(settings.batchSize)",
      advice: "choose a smaller --batch-size, or another --strategy")
    return try TrainingSession(
      step: step, data: data, settings: settings, engine: .standard(threadCount: threadCount))
  }
}
