import Files
import Glibc
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Testing

@testable import Execution
@testable import Planning
@testable import Schedules

/// Values that wait in a file: exact, forecast to the byte, and harmless when the disk is not.
@Suite(.serialized) struct SpillingTests {
  /// The least staging memory, so that values are of several parts.
  private static let strategy = "spill:64KiB"

  private struct Subject {
    let executor: Executor
    let store: ParameterStore
    let batch: BatchMemory
    let ledger: Ledger

    init(
      _ strategy: String,
      spillFile: @escaping () throws(FileFailure) -> SpillFile = { () throws(FileFailure) in
        try SpillFile(in: SpillFile.standardFolder)
      }
    ) throws {
      try self.init(
        Step.training(
          Self.network, strategy: Strategy(parsing: strategy), batchSize: 8, threadCount: 1),
        spillFile: spillFile)
    }

    static var network: Network {
      get throws { try Model.resnet8.network(input: Shape(28, 28, channels: 1), classes: 10) }
    }

    init(
      _ step: Step,
      spillFile: @escaping () throws(FileFailure) -> SpillFile = { () throws(FileFailure) in
        try SpillFile(in: SpillFile.standardFolder)
      }
    ) throws {
      let network = step.network
      ledger = try Ledger(for: network)
      store = try ParameterStore(network: network, ledger: ledger, seed: 1)
      batch = try BatchMemory(network: network, batchSize: 8, ledger: ledger)
      for index in unsafe batch.samples.indices {
        unsafe batch.samples[index] = Float((index &* 7) % 977) / 977
      }
      for index in unsafe batch.labels.indices { unsafe batch.labels[index] = Int32(index % 10) }
      executor = Executor(
        step: step, engine: try Engine(threadCount: 1, instructionSet: .chosen()),
        ledger: ledger, spillFile: spillFile)
    }

    func run(shouldStop: () -> Bool = { false }) throws(StepError) -> StepResult {
      try executor.run(store: store, batch: batch, seed: 3, shouldStop: shouldStop)
    }

    var gradients: [[UInt32]] {
      store.parameters.indices.map { index in unsafe store.gradient(index).map { $0.bitPattern } }
    }
  }

  @Test(arguments: ["spill:64KiB", "spill:1000000B", "spill:64MiB"])
  func gradientsAreThoseOfFullStorage(strategy: String) throws {
    let full = try Subject("full")
    let kept = try full.run().savedByteCount
    let spilled = try Subject(strategy)
    for _ in 0..<3 {
      let result = try spilled.run()
      #expect(spilled.gradients == full.gradients)
      #expect(
        result.timeline
          == Forecast(
            spilled.executor.step,
            baseline: BaselineMemory(
              network: spilled.store.network, batchSize: 8, optimizerStateCount: 0)
          ).timeline)
      if strategy == Self.strategy { #expect(result.savedByteCount * 4 < kept) }
    }
  }

  /// Values that are computed anew from values in the file, which are then there a second time but
  /// not written again: reading back has begun.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func valuesInAFileStandBesideRecomputedOnes(seed: UInt64) throws {
    let network = try Subject.network
    let facts = PlanningFacts(
      network, batchSize: 8, threadCount: 1,
      costs: StepCosts(network, batchSize: 8, rates: .assumed(threadCount: 1)))
    let start = network.leanRepresentations(
      wholeValues: [], approximation: nil, batchSize: 8)
    var plan = RetentionPlan(facts, start)
    var readings = Readings(facts.memory, start)
    for (position, value) in plan.readValues.enumerated() {
      let isReadWhole = plan.residualNeeds(of: value).contains {
        !$0.accepted.contains(.signMask)
      }
      let choices: [Retention] = [
        .remade, isReadWhole ? .reduced(.spilled(stagingByteCount: 64 << 10)) : .kept,
        .remadeEachTime,
      ]
      let choice = Int(RandomStream.word(seed, position) % 3)
      readings.set(plan.set(choices[choice], of: value), of: value, facts.memory)
    }
    let step = Step(
      Schedule(
        Plan(passes: plan.passes(), representations: readings.representations), facts.memory))
    let baseline = BaselineMemory(network: network, batchSize: 8, optimizerStateCount: 0)
    try Validator.check(step, baseline: baseline)
    let full = try Subject("full")
    _ = try full.run()
    let subject = try Subject(step)
    for _ in 0..<2 {
      let result = try subject.run()
      #expect(subject.gradients == full.gradients)
      #expect(result.timeline == Forecast(step, baseline: baseline).timeline)
    }
  }

  @Test func aFullDiskEndsTheStepAndNothingElse() throws {
    let full = unsafe open("/dev/full", O_RDWR)
    try #require(full >= 0)
    try expectFailure("no space is left", SpillFile(descriptor: full, folder: "/dev/full"))
  }

  @Test func aFailedReadEndsTheStepAndNothingElse() throws {
    // Opened for writing alone, it cannot be read.
    let path = "\(SpillFile.standardFolder)/tidemark-test-\(getpid())"
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    unsafe unlink(path)
    try expectFailure(
      "cannot read spilled values", SpillFile(descriptor: descriptor, folder: path))
  }

  @Test func aFileThatEndsTooSoonIsNoticed() throws {
    let path = "\(SpillFile.standardFolder)/tidemark-test-\(getpid())"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    unsafe unlink(path)
    let file = SpillFile(descriptor: descriptor, folder: path)
    let bytes = [UInt8](repeating: 1, count: 10)
    unsafe try bytes.withUnsafeBytes { unsafe try file.write($0, at: 0) }
    var read = [UInt8](repeating: 0, count: 11)
    #expect(throws: FileFailure.self) {
      unsafe try read.withUnsafeMutableBytes { unsafe try file.read($0, at: 0) }
    }
  }

  @Test func aFolderThatIsNotThereIsNamed() throws {
    let subject = try Subject(Self.strategy) { () throws(FileFailure) in
      try SpillFile(in: "/nowhere")
    }
    let before = subject.ledger.current
    #expect {
      _ = try subject.run()
    } throws: { error in
      "\(error)".contains("'/nowhere'") && "\(error)".contains("does not exist")
    }
    #expect(subject.ledger.current == before)
  }

  @Test func anInterruptAnywhereIsHarmless() throws {
    let full = try Subject("full")
    _ = try full.run()
    let subject = try Subject(Self.strategy)
    let before = subject.ledger.current
    for index in 0..<subject.executor.step.actions.count {
      var asked = 0
      #expect(throws: StepError.self) {
        try subject.run {
          asked += 1
          return asked > index
        }
      }
      #expect(subject.ledger.current == before)
    }
    _ = try subject.run()
    #expect(subject.gradients == full.gradients)
  }

  @Test func theFileHasNoName() throws {
    let folder = "\(SpillFile.standardFolder)/tidemark-test-folder-\(getpid())"
    try #require(unsafe mkdir(folder, 0o700) == 0)
    let subject = try Subject(Self.strategy) { () throws(FileFailure) in
      try SpillFile(in: folder)
    }
    _ = try subject.run()
    // Only an empty folder can be removed; the file is still open.
    #expect(unsafe rmdir(folder) == 0)
  }

  private func expectFailure(_ reason: String, _ file: SpillFile) throws {
    let subject = try Subject(Self.strategy) { () throws(FileFailure) in file }
    let before = subject.ledger.current
    for _ in 0..<2 {
      #expect {
        _ = try subject.run()
      } throws: { error in
        "\(error)".contains(reason)
      }
      #expect(subject.ledger.current == before)
    }
  }
}
