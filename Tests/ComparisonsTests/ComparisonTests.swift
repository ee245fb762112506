import Execution
import Files
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import Testing
import Training

@testable import Comparisons

@Suite struct ComparisonTests {
  private static let data = Dataset.synthetic(
    height: 8, width: 8, channels: 2, classCount: 3, trainingCount: 24, testCount: 10)

  private static func network() throws -> Network {
    try Network("tiny", input: Shape(8, 8, channels: 2)) {
      Convolution(3, channels: 4, padding: 1)
      ReLU()
      Convolution(3, channels: 4, padding: 1)
      BatchNormalization()
      ReLU()
      MaxPooling(2)
      Flatten()
      Linear(3)
      SoftmaxCrossEntropy()
    }
  }

  private static func comparison(
    _ strategies: [String], batchSize: Int = 4, steps: Int = 3, learningRate: Float = 0.05
  ) throws -> Comparison {
    try Comparison(
      network(), strategies: strategies.map { try Strategy(parsing: $0) },
      settings: ComparisonSettings(
        batchSize: batchSize, stepCount: steps, seed: 1,
        optimizer: .sgd(learningRate: learningRate)),
      data: data, engine: Engine(threadCount: 2, instructionSet: .widest))
  }

  @Test func everyRowAgreesWithItsForecast() throws {
    let comparison = try Self.comparison(["checkpoint:2", "trace:2", "checkpoint:2+trace:2"])
    var measured: [String] = []
    let rows = try comparison.run { strategy in
      measured.append(strategy.description)
      return 1000 + measured.count
    }
    #expect(rows.map(\.strategy) == ["full", "checkpoint:2", "trace:2", "checkpoint:2+trace:2"])
    #expect(measured == rows.map(\.strategy))
    #expect(rows.map(\.processPeakResidentBytes) == [1001, 1002, 1003, 1004])
    for row in rows {
      let timeline = try #require(row.profile.measurement?.timeline)
      #expect(timeline == row.profile.forecast.timeline)
      #expect(row.peakByteCount == row.forecastPeakByteCount)
      #expect(row.usablePeakByteCount >= row.peakByteCount)
      #expect(row.activationPeakByteCount < row.peakByteCount)
      #expect(row.savedByteCount <= row.activationPeakByteCount)
      #expect(row.stepSecondsMedian > 0)
      #expect((0...1).contains(row.testAccuracy))
      #expect(row.profile.gradientErrors.isEmpty == (row.exactness != .estimated))
      #expect(row.stepCount == 3)
    }
  }

  @Test func exactStrategiesTrainAlike() throws {
    let rows = try Self.comparison(["sqrt", "checkpoint:3", "trace:1"]).run { _ in 0 }
    for row in rows where row.exactness == .exact {
      #expect(row.gradientRelativeError == 0)
      #expect(row.finalLoss == rows[0].finalLoss)
      #expect(row.testAccuracy == rows[0].testAccuracy)
    }
    #expect(rows[0].stepRatioToFull == 1)
    let trace = try #require(rows.last)
    #expect(trace.exactness == .estimated)
    // One probe of 64 pixels cannot be right by chance.
    #expect(trace.gradientRelativeError > 0.01)
    #expect(trace.savedByteCount < rows[0].savedByteCount)
  }

  @Test func fullStorageComesFirstAndNothingTwice() throws {
    let comparison = try Self.comparison(["trace:2", "sqrt", "trace:2", "full"])
    #expect(comparison.steps.map(\.strategy.description) == ["full", "trace:2", "sqrt"])
  }

  /// What is planned is what runs: here steps that no strategy of those names would have planned.
  @Test func stepsAreRunAsTheyWerePlanned() throws {
    let network = try Self.network()
    let engine = Engine(threadCount: 2, instructionSet: .widest)
    func step(_ spelling: String) throws -> Step {
      try .training(
        network, strategy: Strategy(parsing: spelling), batchSize: 4, threadCount: 2)
    }
    let steps = [
      StrategyStep(try Strategy(parsing: "sqrt"), step: try step("checkpoint:3")),
      StrategyStep(try Strategy(parsing: "trace:2"), step: try step("trace:5")),
      StrategyStep(.full, step: try step("checkpoint:2")),
    ]
    let rows = try Comparison(
      network, steps: steps, settings: ComparisonSettings(batchSize: 4, stepCount: 2, seed: 1),
      data: Self.data, engine: engine
    ).run { _ in 0 }
    #expect(rows.map(\.strategy) == ["full", "sqrt", "trace:2"])
    for (row, planned) in zip(rows, [steps[2], steps[0], steps[1]]) {
      #expect(Array(row.profile.step.actions) == Array(planned.step.actions))
    }
    let errors = try #require(rows.last).profile.gradientErrors
    #expect(!errors.isEmpty)
    for error in errors {
      let node = try #require(error.node)
      let planned = steps[1].step.firstSchedule.representations[node][0]
      #expect(error.representation == "\(planned)")
      #expect(planned != (try step("trace:2")).firstSchedule.representations[node][0])
    }
  }

  @Test func trainingThatDivergesIsARowLikeAnyOther() throws {
    let rows = try Self.comparison(["sqrt"], steps: 5, learningRate: 1e30).run { _ in 0 }
    for row in rows {
      #expect(!row.finalLoss.isFinite)
      #expect((2..<5).contains(row.stepCount))
      #expect(row.peakByteCount == row.forecastPeakByteCount)
    }
  }

  @Test func whatDoesNotFitIsRefusedBeforeAnythingRuns() {
    let error = #expect(throws: BatchSizeError.self) {
      try Self.comparison(["full"], batchSize: 25)
    }
    #expect(error?.sampleCount == 24)
    #expect(throws: ScheduleError.self) { try Self.comparison(["checkpoint:50"]) }
  }

  @Test func aForecastThatIsWrongIsFoundOut() throws {
    let network = try Self.network()
    let engine = Engine(threadCount: 1, instructionSet: .widest)
    let run = try StrategyRun(
      StrategyStep(planning: .full, for: network, batchSize: 4, threadCount: 1),
      settings: ComparisonSettings(batchSize: 4), engine: engine)
    run.trainer.batch.fill(0..<4, of: Self.data)
    try run.step()
    let profile = try #require(run.profile)
    let measurement = try #require(profile.measurement)
    // The forecast for an optimiser that keeps nothing.
    let wrong = Forecast(
      profile.step,
      baseline: BaselineMemory(network: network, batchSize: 4, optimizerStateCount: 0))
    let error = #expect(throws: AccountMismatch.self) {
      try StepProfile(
        step: profile.step, strategy: "full", forecast: wrong, measurement: measurement)
    }
    #expect(error?.quantity == "optimizerState bytes at action 0")
    #expect(error?.category == .ownDefect)
  }

  @Test func mediansAreThoseOfTheSortedValues() {
    #expect(median([3]) == 3)
    #expect(median([4, 1, 3]) == 3)
    #expect(median([4, 1, 3, 2]) == 2.5)
  }

  @Test func theSystemTellsItsMemory() throws {
    let resident = try SystemFacts.peakResidentBytes()
    #expect(resident > 1 << 20)
    #expect(try SystemFacts.availableBytes() > 1 << 20)
    #expect(SystemFacts.processorCount >= 1)
  }
}
