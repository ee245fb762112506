import ArgumentParser
import Reporting
import Tidemark

/// `tidemark bench`: how fast layers and training steps run, and how fast they could.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times convolutions and training steps against what the machine can do.",
    discussion: """
      Without --layer, --model or --step it times a table of layers. The limit is the lower of the \
      rate of arithmetic in registers and what the rate of memory allows, both measured in the \
      same run. With --output it writes bench.csv, steps.csv for steps and weight_gradients.csv for \
      their weight gradients.

      Example:
        tidemark bench --threads 1 --output Reports
        tidemark bench --layer 16,64,56,56,64,3,3,1,1,1,1 --direction data weights
        tidemark bench --step resnet8 --batch-size 64 --ledger
        tidemark bench --step vgg8 --strategy trace:16 --batch-size 128 --weight-gradients
        tidemark bench --step resnet18 --strategy sqrt optimal:1/2 optimal:1/3 --seconds 20
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The layers: names of the table, or any geometry as \(BenchmarkLayer.geometrySpelling).",
      valueName: "layer"), transform: { try BenchmarkLayer(parsing: $0) })
  var layer: [BenchmarkLayer] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Models whose distinct convolutions and linear layers are timed.", valueName: "model"),
    transform: { try Model($0) })
  var model: [Model] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Models whose whole training step is timed.", valueName: "model"),
    transform: { try Model($0) })
  var step: [Model] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Strategies under which each --step is timed, a step of each in turn, beside full storage.",
      valueName: "strategy"), transform: { try Strategy(parsing: $0) })
  var strategy: [Strategy] = []

  @Flag(
    help: ArgumentHelp(
      "Also times each --step with and without the ledger's bookkeeping, in turn."))
  var ledger = false

  @Flag(
    help: ArgumentHelp(
      "Also times the weight gradients of each --step alone, layer by layer, in turn."))
  var weightGradients = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of samples for --model and --step; 64 if not given.", valueName: "n"),
    transform: Value.count)
  var batchSize: Int?

  @OptionGroup var input: InputOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The directions: forward, data (gradient of the input), weights (their gradient); all if not "
        + "given.", valueName: "direction"),
    transform: { try ConvolutionDirection(shortName: $0) })
  var direction: [ConvolutionDirection] = []

  @Option(
    help: ArgumentHelp(
      "The instruction set: baseline, avx2 or avx512; the widest if not given.", valueName: "name"),
    transform: Value.instructionSet)
  var instructionSet: InstructionSet?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The seconds that each direction of a layer, or each model's step, is timed for.",
      valueName: "s"),
    transform: Value.number("a number of seconds above 0, at most 3600") { $0 > 0 && $0 <= 3600 })
  var seconds = 0.5

  @Option(
    help: ArgumentHelp("The folder that bench.csv is written to.", valueName: "folder"),
    transform: Value.folder)
  var output: String?

  @OptionGroup var placement: PlacementOptions

  @OptionGroup var common: CommonOptions

  func run() throws {
    let engine = try engine()
    try requireSteps()
    let layers = try layers()
    let steps = try steps(engine: engine, seconds: seconds)
    let benchmark = LayerBenchmark(
      layers, directions: directions, engine: engine, seconds: seconds,
      seed: common.seed)
    try MemoryCheck.require(
      benchmark.byteCount, for: "the largest layer", advice: "choose a smaller one")
    for step in steps {
      try MemoryCheck.require(
        step.forecastByteCount,
        for: "\(step.network.name) at batch size \(step.batchSize)",
        advice: "choose a smaller --batch-size")
    }
    let reports =
      (layers.isEmpty ? [] : ["bench.csv"]) + (steps.isEmpty ? [] : ["steps.csv"])
      + (weightGradients ? ["weight_gradients.csv"] : [])
    let folder = try output.map { try ReportFolder($0, reports: reports) }

    var texts: [(name: String, text: String)] = []
    var printed: [String] = []
    if !layers.isEmpty {
      let timings = timed(benchmark)
      printed += [BenchmarkReport.limits(timings) + "\n", BenchmarkReport.table(timings).text]
      texts.append(("bench.csv", BenchmarkReport.csv(timings).text))
    }
    if !steps.isEmpty {
      let timings = try steps.flatMap { try $0.run() }
      printed.append(StepReport.table(timings).text)
      texts.append(("steps.csv", StepReport.csv(timings).text))
    }
    if weightGradients {
      let timings = try steps.flatMap { try $0.runWeightGradients() }
      printed.append(WeightGradientReport.table(timings).text)
      texts.append(("weight_gradients.csv", WeightGradientReport.csv(timings).text))
    }
    if ledger { printed += try ledgerCosts(of: steps, engine: engine, seconds: seconds) }
    try folder?.writeUndisturbed(texts)
    for text in printed { StandardStream.output.line(text) }
  }

  /// Says what the ledger's bookkeeping adds to each step.
  private func ledgerCosts(
    of steps: [StepBenchmark], engine: Engine, seconds: Double
  ) throws -> [String] {
    try steps.map { step in
      let cost = try LedgerCost(
        step.network, batchSize: step.batchSize, engine: engine, seconds: seconds)
      return "\(step.network.name): a step with the ledger's bookkeeping takes "
        + "\(NumberFormat.fixed(cost.ratio, decimals: 4)) times one without "
        + "(median of \(cost.pairCount) pairs)."
    }
  }

  /// Times layers and says on standard error how far it is.
  private func timed(_ benchmark: LayerBenchmark) -> [LayerTiming] {
    var reporter = ProgressReporter()
    reporter.begin("timing layers", total: benchmark.visitCount)
    defer { reporter.end() }
    return benchmark.run { reporter.update($0) }
  }
}

extension Bench {
  /// Refuses options that only say something about steps where none is timed.
  private func requireSteps() throws {
    let options: [(isGiven: Bool, words: String)] = [
      (ledger, "--ledger times steps"),
      (weightGradients, "--weight-gradients times parts of steps"),
      (!strategy.isEmpty, "--strategy is for steps"),
    ]
    for option in options where option.isGiven && step.isEmpty {
      throw CommandFailure(
        category: .wrongUsage, description: "\(option.words); give --step MODEL with it")
    }
  }

  private func engine() throws -> Engine {
    try .standard(threadCount: common.threadCount, instructionSet: instructionSet)
  }

  private var directions: [ConvolutionDirection] {
    ConvolutionDirection.allCases.filter { direction.isEmpty || direction.contains($0) }
  }

  /// What --layer and --model name; the table if nothing is asked for.
  private func layers() throws -> [BenchmarkLayer] {
    if layer.isEmpty && model.isEmpty && step.isEmpty {
      try refuseBatchSize()
      return BenchmarkLayer.table
    }
    if model.isEmpty && step.isEmpty { try refuseBatchSize() }
    return try layer
      + model.flatMap { model in
        try BenchmarkLayer.layers(
          of: try input.network(of: model), batchSize: try batchSize(for: model))
      }
  }

  private func steps(engine: Engine, seconds: Double) throws -> [StepBenchmark] {
    try step.map { model in
      try StepBenchmark(
        try input.network(of: model), strategies: strategy,
        batchSize: try batchSize(for: model), arrangement: placement.placement,
        engine: engine, seconds: seconds, seed: common.seed)
    }
  }

  private func batchSize(for model: Model) throws -> Int {
    let size = batchSize ?? 64
    try input.require(batchSize: size, for: model)
    return size
  }

  private func refuseBatchSize() throws {
    guard let batchSize else { return }
    throw ValidationError(
      flag: "--batch-size", value: "\(batchSize)",
      expectation: "given together with --model or --step, since layers state their own")
  }
}
