import Files
import Networks
import Planning
import Schedules
import Testing

/// What is refused when a schedule is made, with a sentence, instead of stopping the program later.
@Suite struct StepRequirementTests {
  private func network(_ input: Shape = Shape(4, 4, channels: 2)) throws -> Network {
    try Network("tiny", input: input) {
      Convolution(1, channels: 4).named("c")
      ReLU()
      GlobalAveragePooling()
      Linear(3)
      SoftmaxCrossEntropy()
    }
  }

  /// All ways to a schedule refuse with the same error.
  private func error(
    _ network: Network, batchSize: Int, threadCount: Int
  ) -> ScheduleError? {
    func error(of way: () throws -> Void) -> ScheduleError? {
      do {
        try way()
        return nil
      } catch {
        return error as? ScheduleError
      }
    }
    let errors = [
      error {
        _ = try Step.training(
          network, strategy: .full, batchSize: batchSize, threadCount: threadCount)
      },
      error {
        _ = try StepPlanner(network, batchSize: batchSize, threadCount: threadCount)
      },
      error {
        _ = try Strategy.tradeOff(for: network, batchSize: batchSize, threadCount: threadCount)
      },
    ]
    #expect(Set(errors.map { $0?.description }).count == 1, "\(errors)")
    return errors[0]
  }

  @Test(arguments: [0, -1, 1_000_001, .max, .min])
  func batchesAreFromOneToAMillion(batchSize: Int) throws {
    let error = error(try network(), batchSize: batchSize, threadCount: 1)
    #expect(
      error?.description == "a step of tiny has from 1 to 1000000 samples, not \(batchSize)")
    #expect(error?.category == .wrongUsage)
    #expect(throws: ScheduleError.self) {
      try Step.inference(try network(), batchSize: batchSize, threadCount: 1)
    }
  }

  @Test(arguments: [0, -3, .max])
  func thereIsAThread(threadCount: Int) throws {
    let error = error(try network(), batchSize: 2, threadCount: threadCount)
    #expect(error?.description == "a step of tiny runs on 1 to 4096 threads, not on \(threadCount)")
    #expect(throws: ScheduleError.self) {
      try Step.inference(try network(), batchSize: 2, threadCount: threadCount)
    }
  }

  @Test func aBatchBeyondAllCountingNamesTheLayer() throws {
    let error = error(
      try network(Shape(1 << 13, 1 << 13, channels: 8)), batchSize: 1_000_000, threadCount: 1)
    #expect(error?.description.hasPrefix("input: a batch of 1000000 is too large") == true)
  }

  @Test func aBatchThatNothingIsLearntFromIsBadData() throws {
    let network = try Network("tiny", input: Shape(channels: 5)) {
      Linear(4)
      BatchNormalization().named("norm")
      ReLU()
      Linear(3)
      SoftmaxCrossEntropy()
    }
    let error = error(network, batchSize: 1, threadCount: 1)
    #expect(error?.category == .badData)
    #expect(
      error?.description.hasPrefix("norm: it cannot be trained with one value a channel") == true)
    _ = try Step.training(network, strategy: .full, batchSize: 2, threadCount: 1)
    // It can be run, and its bytes can be told.
    _ = try Step.inference(network, batchSize: 1, threadCount: 1)
  }

  /// ResNet-50 halves 32 pixels to one.
  @Test func residualNetworksOfSmallImagesNeedTwoSamples() throws {
    let network = try Model.resnet50.network(input: Shape(32, 32, channels: 3), classes: 10)
    let error = #expect(throws: ScheduleError.self) {
      try Step.training(network, strategy: .full, batchSize: 1, threadCount: 1)
    }
    #expect(error?.category == .badData)
    _ = try Step.training(network, strategy: .full, batchSize: 2, threadCount: 1)
  }

  @Test(arguments: [(1, 0), (0, 1), (-1, 2), (1, -2), (.max, 1), (1, .max)])
  func sharesAreOfTwoNumbers(part: Int, whole: Int) throws {
    let budget = StepBudget.share(part: part, whole: whole)
    let planner = try StepPlanner(try network(), batchSize: 4, threadCount: 1)
    let error = #expect(throws: ScheduleError.self) { try planner.plan(budget: budget) }
    #expect(
      error?.description
        == "the share is '\(part)/\(whole)'; it must be two whole numbers from 1 to 65536, such as 1/2"
    )
    #expect(throws: ScheduleError.self) {
      try Step.training(
        try network(), strategy: Strategy(recomputation: .optimal(budget: budget)), batchSize: 4,
        threadCount: 1)
    }
  }

  /// The largest share of the largest step is no trap.
  @Test func largeSharesAreCounted() throws {
    let network = try network(Shape(1 << 12, 1 << 12, channels: 16))
    _ = try StepPlanner(network, batchSize: 100_000, threadCount: 2)
      .plan(budget: .share(part: 65_536, whole: 1))
  }

  @Test func absurdNumbersOfStrategiesAreRefused() throws {
    #expect(throws: TraceError.self) { try Trace(.probes(.max)) }
    #expect(throws: ScheduleError.self) { try Spilling(stagingByteCount: .max) }
    let parts = Strategy(partCount: 0)
    #expect(throws: ScheduleError.self) {
      try Step.training(try network(), strategy: parts, batchSize: 4, threadCount: 1)
    }
  }

  /// As large as a step may be, under every strategy: forecasts are sums of everything.
  @Test(arguments: strategies)
  func theLargestStepsAreCounted(strategy: Strategy) throws {
    let network = try Network("large", input: Shape(1 << 12, 1 << 12, channels: 8)) {
      Convolution(3, channels: 8, padding: 1)
      BatchNormalization()
      ReLU()
      MaxPooling(2)
      Convolution(3, channels: 16, padding: 1)
      ReLU()
      GlobalAveragePooling()
      Linear(3)
      SoftmaxCrossEntropy()
    }
    let schedule = try Step.training(
      network, strategy: strategy, batchSize: 1_000_000, threadCount: 4096)
    let baseline = BaselineMemory(network: network, batchSize: 1_000_000, optimizerStateCount: 2)
    #expect(Forecast(schedule, baseline: baseline).peakByteCount > 1 << 40)
  }
}
