import Execution
import Files
import Kernels
import NativeEngine
import Networks
import Planning
import Schedules
import TestSupport
import Testing

@testable import Training

/// A training that is interrupted and resumed ends with the bits of one that was not.
@Suite(.serialized) struct ResumeTests {
  static let data = Dataset.synthetic(
    height: 14, width: 14, channels: 1, trainingCount: 44, testCount: 11, seed: 3)

  static let strategies: [Strategy] = [.full, named("trace:16"), named("trace:24KiB")]
  static let optimizers: [OptimizerSettings] = [
    .sgd(learningRate: 0.02, weightDecay: 0.01), .adam(weightDecay: 0.01),
    averaged(.rmsProp(RMSPropRule(.tensorFlow(start: 1), momentum: 0.9, centered: true))),
  ]

  static func averaged(_ settings: OptimizerSettings) -> OptimizerSettings {
    var settings = settings
    settings.learningRate = 0.002
    settings.weightDecay = WeightDecay(0.01, of: [.weights])
    settings.average = WeightAverage(decay: 0.9, warmsUp: true)
    return settings
  }

  static func named(_ text: String) -> Strategy {
    do {
      return try Strategy(parsing: text)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  struct Killed: Error {}

  /// Three epochs of five steps; batch normalisation, so that there are running statistics.
  private func make(
    _ strategy: Strategy = .full, _ optimizer: OptimizerSettings = .sgd(), threadCount: Int = 2,
    schedule: LearningRateSchedule = LearningRateSchedule(.cosine(), warmUpEpochs: 1),
    batchSize: Int = 8, epochCount: Int = 3, model: Model = .resnet8, seed: UInt64 = 5,
    data: Dataset = Self.data
  ) throws -> TrainingSession {
    try TrainingSession(
      try model.network(input: data.sampleShape, classes: 10), data: data,
      settings: TrainingSettings(
        strategy: strategy, batchSize: batchSize, epochCount: epochCount, optimizer: optimizer,
        schedule: schedule, seed: seed),
      engine: Engine(threadCount: threadCount, instructionSet: .chosen()))
  }

  /// Everything that a training leaves, but for seconds and for scratch, which threads take.
  private func result(_ session: TrainingSession) -> [[UInt64]] {
    let store = session.trainer.store
    let parameters = store.parameters.indices.map { unsafe store.value($0).map(\.bitPattern) }
    let states = store.parameters.indices.flatMap { index in
      (0..<session.settings.optimizer.stateCount).map {
        unsafe session.trainer.optimizer.state($0, of: index).map(\.bitPattern)
      }
    }
    let statistics = store.runningStatistics.indices.map {
      unsafe store.statistic($0).map(\.bitPattern)
    }
    let averages =
      session.trainer.averages.map { averages in
        store.parameters.indices.map { unsafe averages.parameter($0)?.map(\.bitPattern) ?? [] }
          + store.runningStatistics.indices.map { unsafe averages.statistic($0).map(\.bitPattern) }
      } ?? []
    let metrics = session.metrics.map { epoch in
      [
        Double(epoch.learningRate), epoch.training.loss, epoch.training.accuracy, epoch.test.loss,
        epoch.test.accuracy,
      ].map(\.bitPattern)
        + [epoch.epoch, epoch.stepCount, epoch.sampleCount].map(UInt64.init)
    }
    return (parameters + states + statistics + averages).map { $0.map(UInt64.init) } + metrics
  }

  /// Expects equal results, without the list of differences, which would be long.
  private func expectSame(_ session: TrainingSession, _ expected: [[UInt64]]) {
    let isSame = result(session) == expected
    #expect(isSame)
  }

  private func finished(_ strategy: Strategy, _ optimizer: OptimizerSettings) throws -> [[UInt64]] {
    let session = try make(strategy, optimizer)
    guard case .finished = try session.run() else { throw Killed() }
    return result(session)
  }

  @Test(arguments: strategies, optimizers)
  func interruptedAtAnyMoment(strategy: Strategy, optimizer: OptimizerSettings) throws {
    let expected = try finished(strategy, optimizer)
    try withTemporaryFolder { folder in
      let path = "\(folder)/c.safetensors"
      var interruptCount = 0
      var threadCount = 1
      while true {
        // Each run is another process as far as the training can tell: all that it knows is in the
        // file. The number of threads changes too.
        let session = try make(strategy, optimizer, threadCount: threadCount)
        threadCount = threadCount % 3 + 1
        if interruptCount > 0 { try session.resume(from: path) }
        var asked = 0
        let outcome = try session.run(savingTo: path) {
          asked += 1
          return asked > 211
        }
        if case .finished = outcome {
          expectSame(session, expected)
          break
        }
        interruptCount += 1
      }
      #expect(interruptCount > 3)
    }
  }

  @Test(arguments: strategies, optimizers)
  func killedAtAnyMoment(strategy: Strategy, optimizer: OptimizerSettings) throws {
    let expected = try finished(strategy, optimizer)
    for lastStep in [1, 5, 8, 15] {
      try withTemporaryFolder { folder in
        let path = "\(folder)/c.safetensors"
        #expect(throws: Killed.self) {
          _ = try make(strategy, optimizer).run(
            savingTo: path,
            progress: { progress in
              if case .step(let epoch, let done, _, _, _) = progress,
                (epoch - 1) * 5 + done == lastStep
              {
                throw Killed()
              }
            })
        }
        let session = try make(strategy, optimizer)
        try session.resume(from: path)
        #expect(session.trainer.stepCount == (lastStep - 1) / 5 * 5)
        _ = try session.run(savingTo: path)
        expectSame(session, expected)
      }
    }
  }

  @Test func moreEpochsMayFollowWhereTheyChangeNothing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/c.safetensors"
      let constant = LearningRateSchedule()
      _ = try make(schedule: constant, epochCount: 1).run(savingTo: path)
      let longer = try make(schedule: constant, epochCount: 2)
      try longer.resume(from: path)
      _ = try longer.run()
      let whole = try make(schedule: constant, epochCount: 2)
      _ = try whole.run()
      expectSame(longer, result(whole))
    }
  }

  @Test func aBudgetIsSharedOutAnewAfterEveryEpoch() throws {
    let session = try make(Self.named("trace:24KiB"))
    let before = session.trainer.trainingStep.firstSchedule.representations
    _ = try session.run()
    #expect(!session.variances.isEmpty)
    #expect(session.trainer.trainingStep.firstSchedule.representations != before)
    let fixed = try make(Self.named("trace:16"))
    _ = try fixed.run()
    #expect(fixed.variances.isEmpty)
  }

  // MARK: Files that do not fit

  private func expectRefused(
    _ session: TrainingSession, _ path: String, _ comment: String,
    _ check: (any DescribedFailure) -> Bool = { _ in true }
  ) {
    let before = result(session)
    do {
      try session.resume(from: path)
      Issue.record("\(comment): the file was accepted")
    } catch let failure as any DescribedFailure {
      #expect(failure.category == .badData, "\(comment)")
      #expect(check(failure), "\(comment): \(failure)")
      #expect(!failure.description.contains("\n"))
    } catch {
      Issue.record("\(comment): \(error)")
    }
    expectSame(session, before)
    #expect(session.trainer.stepCount == 0, "\(comment)")
  }

  private func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    var writer = try AtomicFileWriter(path: path)
    let bytes = Array(bytes)
    try unsafe bytes.withUnsafeBytes { try unsafe writer.write($0) }
    try writer.commit()
  }

  @Test func damagedFilesChangeNothing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/c.safetensors"
      _ = try make(model: .lenet, data: Self.large).run(
        savingTo: path, shouldStop: { false })
      let whole = try FileReading.bytes(of: path)
      let target = try make(model: .lenet, data: Self.large)
      for count in [0, 7, 8, 100, 4000, whole.count / 2, whole.count - 1] {
        try write(whole.prefix(count), to: path)
        expectRefused(target, path, "the first \(count) bytes")
      }
      let header = 8 + whole[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let places =
        Array(stride(from: 0, to: header, by: 61))
        + Array(stride(from: header, to: whole.count, by: whole.count / 40))
      for place in places {
        var bytes = whole
        bytes[place] ^= 1
        // Spaces behind the header mean nothing, and a digit of an offset may still fit.
        if whole[place] == UInt8(ascii: " ") { continue }
        try write(bytes, to: path)
        expectRefused(target, path, "byte \(place)")
      }
      try write(whole, to: path)
      try target.resume(from: path)
    }
  }

  /// Images as large as LeNet takes, which has no running statistics and many parameters.
  static let large = Dataset.synthetic(
    height: 28, width: 28, channels: 1, trainingCount: 16, testCount: 4)

  @Test func otherTrainingsAreRefusedByName() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/c.safetensors"
      try make().save(to: path)
      let other = Dataset.synthetic(
        height: 14, width: 14, channels: 1, trainingCount: 44, testCount: 11, seed: 4)
      var averaging = OptimizerSettings.sgd()
      averaging.average = WeightAverage(decay: 0.9, warmsUp: true)
      let sessions: [(String, TrainingSession)] = [
        ("strategy full, not trace:16", try make(Self.named("trace:16"))),
        ("batch-size 8, not 9", try make(batchSize: 9)),
        ("seed 5, not 6", try make(seed: 6)),
        ("epochs 3, not 4", try make(epochCount: 4)),
        ("model resnet8, not resnet18", try make(model: .resnet18)),
        ("optimizer sgd, not sgd,momentum=0.5", try make(.full, .sgd(momentum: 0.5))),
        ("learning-rate 0.05, not 0.5", try make(.full, .sgd(learningRate: 0.5))),
        ("weight-decay 0.0, not 0.5", try make(.full, .sgd(weightDecay: 0.5))),
        (
          "weight-decay 0.0, not 0.0,only=weights",
          try make(.full, .sgd(weightDecay: WeightDecay(0, of: [.weights])))
        ),
        ("average none, not 0.9,warmup", try make(.full, averaging)),
        ("optimizer sgd, not adam", try make(.full, .adam())),
        ("schedule cosine,warmup=1, not cosine", try make(schedule: .init(.cosine()))),
        ("schedule cosine,warmup=1, not constant", try make(schedule: .init())),
        // Of several the one that the others follow from, or that is seen first.
        (
          "model resnet8, not resnet18",
          try make(Self.named("trace:16"), .adam(), batchSize: 9, model: .resnet18, data: other)
        ),
        (
          "schedule cosine,warmup=1, not cosine", try make(schedule: .init(.cosine()), batchSize: 9)
        ),
        ("strategy full, not trace:16", try make(Self.named("trace:16"), batchSize: 9)),
        ("checksum", try make(data: other)),
      ]
      for (part, session) in sessions {
        expectRefused(session, path, part) { $0.description.contains(part) }
      }
      try make().trainer.store.write(to: path)
      expectRefused(try make(), path, "parameters") {
        $0.description.contains("not a checkpoint")
      }
    }
  }

  /// A version may know other settings: names that only one side has are not complained about.
  @Test func checkpointsOfOtherVersionsAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/c.safetensors"
      let settings: [Checkpoint.Setting] = [("model", "resnet8"), ("seed", "5")]
      for other in [settings.dropLast(), settings + [("decay", "0.5")]] {
        try Checkpoint.write([], counters: [1], settings: Array(other), to: path)
        #expect(throws: CheckpointError(path: path, problem: .otherFormat)) {
          _ = try Checkpoint(path: path, slots: [], settings: settings)
        }
      }
      try Checkpoint.write([], counters: [1], settings: settings, to: path)
      #expect(try Checkpoint(path: path, slots: [], settings: settings).counters == [1])
    }
  }

  @Test func whatCannotBeWrittenLeavesTheLastCheckpoint() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileFailure.self) {
        _ = try make().run(savingTo: "\(folder)/none/c.safetensors")
      }
    }
  }
}
