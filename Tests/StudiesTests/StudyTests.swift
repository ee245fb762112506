import Execution
import Kernels
import NativeEngine
import Networks
import Planning
import Testing
import Training

@testable import Studies

@Suite(.serialized) struct StudyTests {
  static let data = Dataset.synthetic(
    height: 14, width: 14, channels: 1, trainingCount: 70, testCount: 20, seed: 3)
  static let settings = StudySettings(
    probeCounts: [2, 32], batchSizes: [16, 32], seedCount: 2, length: .steps(3))

  private func study(_ settings: StudySettings = Self.settings) throws -> AccuracyStudy {
    try AccuracyStudy(
      Model.vgg8.network(input: Self.data.sampleShape, classes: 10), data: Self.data,
      settings: settings,
      engine: Engine(threadCount: 2, instructionSet: .chosen()))
  }

  @Test func everyCombinationIsOneTraining() throws {
    let study = try study()
    // Two batch sizes, two seeds; exact, and two methods with two numbers of probes.
    #expect(study.cells.count == 2 * 2 * (1 + 2 * 2))
    #expect(Set(study.cells).count == study.cells.count)
    #expect(study.cells.filter { $0.method == .exact }.allSatisfy { $0.probeCount == 0 })
    let epochs = StudySettings(batchSizes: [32], seedCount: 1, length: .epochs(3))
    #expect(epochs.stepCount(batchSize: 32, sampleCount: 70) == 6)
    let longer = try self.study(epochs)
    #expect(longer.stepCount(of: longer.cells[0]) == 6)
  }

  @Test func trainingsDependOnTheirCellAlone() throws {
    let study = try study()
    func accuracy(_ method: StudyMethod, _ probeCount: Int, seed: UInt64) throws -> AccuracyOutcome
    {
      try study.run(
        AccuracyCell(method: method, probeCount: probeCount, batchSize: 32, seed: seed))
    }
    let first = try accuracy(.ours, 2, seed: 1)
    let again = try accuracy(.ours, 2, seed: 1)
    #expect(first.testAccuracy == again.testAccuracy)
    #expect(first.stepCount == 3 && !first.hasDiverged)
    let published = try accuracy(.published, 2, seed: 1)
    let exact = try accuracy(.exact, 0, seed: 1)
    #expect(published.savedByteCount < exact.savedByteCount)
    #expect(first.savedByteCount <= published.savedByteCount)
  }

  @Test func aTrainingThatDivergesIsAResult() throws {
    let settings = StudySettings(
      probeCounts: [2], batchSizes: [32], seedCount: 1, length: .steps(40),
      optimizer: .sgd(learningRate: 1e6))
    let study = try study(settings)
    let outcome = try study.run(study.cells[0])
    #expect(outcome.hasDiverged)
    #expect(outcome.stepCount < 40)
    #expect((0...1).contains(outcome.testAccuracy))
  }

  @Test func anInterruptEndsATraining() throws {
    let study = try study()
    do {
      _ = try study.run(study.cells[0], shouldStop: { true })
      Issue.record("the training went on")
    } catch StepError.interrupted {}
  }

  @Test func errorsAreThoseOfTheMethods() throws {
    let network = try Model.vgg8.network(input: Self.data.sampleShape, classes: 10)
    let study = try ErrorStudy(
      network, data: Self.data, settings: Self.settings,
      engine: Engine(threadCount: 2, instructionSet: .chosen()))
    var last = 0
    var points: [ErrorPoint] = []
    try study.run(study.cells, progress: { last = $0 }, found: { points.append($0) })
    #expect(last == study.trainingStepCount && last == 3)
    #expect(points.map(\.cell) == study.cells)
    for cell in study.cells {
      #expect(try Strategy(parsing: cell.strategy).description == cell.strategy)
    }
    func of(_ method: String) -> [ErrorPoint] { points.filter { $0.method == method } }
    let full = try #require(of("full").first)
    #expect(full.relativeError == 0 && full.batchSize == 32)
    for point in of("checkpointing") {
      #expect(point.relativeError == 0)
      #expect(point.savedByteCount < full.savedByteCount)
    }
    #expect(!of("checkpointing").isEmpty)
    let smaller = of("smaller batch")
    #expect(smaller.map(\.batchSize) == [16, 8, 4, 2])
    #expect(zip(smaller, smaller.dropFirst()).allSatisfy { $0.relativeError < $1.relativeError })
    let quantised = of("quantisation").map(\.relativeError)
    #expect(quantised.count == 4 && zip(quantised, quantised.dropFirst()).allSatisfy { $0 < $1 })
    for method in ["ours", "gaussian (published)"] {
      let errors = of(method).map(\.relativeError)
      #expect(errors.count == 2 && errors[1] < errors[0] && errors[1] > 0, "\(method): \(errors)")
    }
    // More is known of ours; here that it is the better one.
    #expect(of("ours")[0].relativeError < of("gaussian (published)")[0].relativeError)
  }

  /// What an interruption leaves to be measured comes out as if there had been none.
  @Test func errorsDoNotDependOnWhichOthersAreMeasured() throws {
    let study = try ErrorStudy(
      Model.vgg8.network(input: Self.data.sampleShape, classes: 10), data: Self.data,
      settings: Self.settings,
      engine: Engine(threadCount: 2, instructionSet: .chosen()))
    var points: [ErrorPoint] = []
    let some = study.cells.filter {
      ["ours", "smaller batch", "quantisation"].contains($0.method)
    }
    #expect(some.count == 2 + 4 + 4)
    try study.run(some) { points.append($0) }
    var again: [ErrorPoint] = []
    for cell in some.reversed() { try study.run([cell]) { again.append($0) } }
    #expect(again == points.reversed())
    try study.run([], shouldStop: { true }) { _ in Issue.record("there was nothing to measure") }
    #expect(throws: StepError.self) { try study.run(some, shouldStop: { true }) { _ in } }
  }

  @Test func strategiesThatDoNotFitAreLeftOut() throws {
    let tiny = try Network("tiny", input: Self.data.sampleShape) {
      Convolution(3, channels: 4, padding: 1)
      ReLU()
      GlobalAveragePooling()
      Linear(10)
      SoftmaxCrossEntropy()
    }
    let study = try ErrorStudy(
      tiny, data: Self.data, settings: Self.settings,
      engine: Engine(threadCount: 2, instructionSet: .chosen()))
    let strategies = study.cells.map(\.strategy)
    #expect(strategies.contains("full") && !strategies.contains("checkpoint:4"), "\(strategies)")
    for cell in study.cells { #expect(try study.estimatedSeconds(of: cell) > 0) }
    #expect(try study.estimatedTrainingSeconds() > 0)
  }

  @Test func spreadsAreThoseOfTextbooks() {
    #expect(Spread([3]) == Spread([3, 3]))
    let spread = Spread([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(spread.mean == 5)
    #expect(abs(spread.standardDeviation - (32.0 / 7).squareRoot()) < 1e-15)
  }
}
