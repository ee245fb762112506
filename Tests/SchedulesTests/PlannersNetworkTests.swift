import Files
import MemoryLedger
import Networks
import Testing

@testable import Planning
@testable import Schedules

@Suite struct PlannersNetworkTests {
  static let image = Shape(28, 28, channels: 1)

  /// What a strategy takes and costs on a network; the schedule is proved well formed.
  struct Outcome {
    let peak: Int
    let recomputed: Double
    /// The forecast seconds of a step.
    let seconds: Double

    init(_ network: Network, _ strategy: Strategy, batchSize: Int = 8) throws {
      try self.init(
        .training(network, strategy: strategy, batchSize: batchSize, threadCount: 2))
    }

    /// What a planner that is ready finds under a budget.
    init(_ planner: StepPlanner, budget: Int) throws {
      try self.init(planner.plan(budget: .bytes(budget)).step)
    }

    private init(_ step: Step) throws {
      let (network, batchSize) = (step.network, step.batchSize)
      let baseline = BaselineMemory(
        network: network, batchSize: batchSize, optimizerStateCount: 1)
      try Validator.check(step, baseline: baseline)
      peak = Forecast(step, baseline: baseline).activationPeakByteCount
      recomputed = step.recomputedFLOPsFraction
      seconds = StepCosts(network, batchSize: batchSize, rates: .assumed(threadCount: 2))
        .seconds(of: step)
    }
  }

  @Test(arguments: Model.shallow, [1, 2, 3, 6, 100])
  func slotsMakeWellFormedSchedules(model: Model, slots: Int) throws {
    let network = try model.usual()
    let revolve = try Outcome(network, Strategy(recomputation: .revolve(slots: slots)))
    let mixed = try Outcome(network, Strategy(recomputation: .mixed(slots: slots)))
    #expect(revolve.recomputed > 0)
    // Where stages differ in cost, equal steps are no more than a guess: a bad one where a dense
    // block or a unit is a stage, and so is each normalisation between them.
    if !["densenet", "shufflenet-v2"].contains(model.family.name) {
      #expect(mixed.recomputed <= revolve.recomputed)
      // A network that can be cut in a few places only leaves no choice.
      if slots > 1, NetworkStages(network).stages.count > 4 {
        #expect(mixed.recomputed < revolve.recomputed)
      }
    }
    if slots == 100 { #expect(mixed.recomputed == 0) }
  }

  @Test(arguments: [0, -1])
  func noSlotsAreRefused(slots: Int) throws {
    let network = try Model.lenet.network(input: Self.image, classes: 10)
    for recomputation in [Recomputation.revolve(slots: slots), .mixed(slots: slots)] {
      #expect(throws: ScheduleError.self) {
        try Step.training(
          network, strategy: Strategy(recomputation: recomputation), batchSize: 8, threadCount: 1)
      }
    }
  }

  /// Every stage runs forward as often as the chain's schedule says.
  @Test func stagesRunAsOftenAsTheClosedFormSays() throws {
    let network = try Model.resnet18.network(input: Self.image, classes: 10)
    let stages = NetworkStages(network).stages
    for slots in 1..<stages.count {
      let actions = Revolve.schedule(steps: stages.count, slots: slots)
      let plan = NetworkStages(network).plan(
        actions, stageCount: stages.count, approximation: nil, batchSize: 2)
      let runs = stages.reduce(0) { sum, stage in
        sum + plan.passes.filter { $0 == .forward(stage.upperBound - 1) }.count
      }
      #expect(runs == Revolve.totalForwardSteps(steps: stages.count, slots: slots))
    }
  }

  @Test(arguments: Model.shallow)
  func optimalKeepsToItsBudget(model: Model) throws {
    let network = try model.usual()
    let full = try Outcome(network, .full)
    let refusal = #expect(throws: ScheduleError.self) {
      try Step.training(
        network, strategy: Strategy(recomputation: .optimal(budget: .bytes(1))), batchSize: 8,
        threadCount: 2)
    }
    #expect(refusal?.category == .overBudget)
    let smallest = try #require(refusal.flatMap { Self.exactBytes(in: $0.description) })
    #expect(smallest <= full.peak)
    let curve = try Strategy.tradeOff(for: network, batchSize: 8, threadCount: 2)
    #expect(curve.first?.activationPeakByteCount == smallest)
    #expect(curve.last?.recomputedFLOPsFraction == 0)
    let planner = try StepPlanner(
      network, approximation: nil, batchSize: 8, threadCount: 2, name: "optimal")
    for point in curve.enumerated().filter({ $0.offset % 8 == 0 }).map(\.element) {
      let outcome = try Outcome(planner, budget: point.activationPeakByteCount)
      #expect(outcome.recomputed == point.recomputedFLOPsFraction)
      #expect(abs(outcome.seconds / full.seconds - point.timeRatio) < 1e-9)
      #expect(outcome.peak <= point.activationPeakByteCount)
    }
    #expect(throws: ScheduleError.self) {
      try Outcome(planner, budget: smallest - 1)
    }
    var previous = Double.infinity
    for step in 0...20 {
      let budget = smallest + (full.peak - smallest) * step / 20
      let outcome = try Outcome(planner, budget: budget)
      #expect(outcome.peak <= budget)
      #expect(outcome.seconds <= previous, "\(budget) bytes")
      previous = outcome.seconds
    }
    #expect(previous == full.seconds)
  }

  /// The number in brackets of a size such as `1.00 MiB (1,048,576 B)`, or of `512 B`.
  private static func exactBytes(in sentence: String) -> Int? {
    let size = sentence.split(separator: "at least ").last?.split(separator: " for").first ?? ""
    let exact = size.split(separator: "(").last ?? ""
    return Int(exact.filter { $0 >= "0" && $0 <= "9" })
  }

  @Test(arguments: Model.shallow)
  func optimalNeverCostsMoreThanSegmentsAtTheSamePeak(model: Model) throws {
    let network = try model.usual()
    let planner = try StepPlanner(
      network, approximation: nil, batchSize: 8, threadCount: 2, name: "optimal")
    for recomputation in [Recomputation.squareRoot, .segments(2), .segments(3)] {
      let reference = try Outcome(network, Strategy(recomputation: recomputation))
      let optimal = try Outcome(planner, budget: reference.peak)
      #expect(optimal.seconds <= reference.seconds, "\(recomputation)")
      #expect(optimal.peak <= reference.peak)
    }
  }

  /// A share of full storage is a budget in bytes.
  @Test func sharesAreThoseOfFullStorage() throws {
    let network = try Model.resnet18.usual()
    let full = try Outcome(network, .full)
    for approximation in [nil, Approximation.quantization(Quantization(bits: .eight, seed: 0))] {
      func outcome(_ budget: StepBudget) throws -> Outcome {
        try Outcome(
          network,
          Strategy(recomputation: .optimal(budget: budget), approximation: approximation))
      }
      let share = try outcome(.share(part: 2, whole: 5))
      let bytes = try outcome(.bytes(full.peak * 2 / 5))
      #expect(share.peak == bytes.peak && share.seconds == bytes.seconds)
      #expect(share.peak <= full.peak * 2 / 5)
    }
  }

  @Test func resnet18IsPlannedSoon() throws {
    let network = try Model.resnet18.network(input: Self.image, classes: 10)
    let full = try Outcome(network, .full, batchSize: 64)
    let root = try Outcome(network, Strategy(recomputation: .squareRoot), batchSize: 64)
    print(
      "resnet18, batch 64: full \(full.peak); sqrt \(Double(root.peak) / Double(full.peak)) of it, "
        + "\(root.recomputed) recomputed")
    for divisor in [1.25, 1.5, 2, 3, 4] {
      let budget = Int(Double(full.peak) / divisor)
      var outcome: Outcome?
      let time = ContinuousClock().measure {
        outcome = try? Outcome(
          network, Strategy(recomputation: .optimal(budget: .bytes(budget))), batchSize: 64)
      }
      let result =
        outcome.map {
          "\($0.recomputed) recomputed, time \($0.seconds / full.seconds), peak \($0.peak)"
        } ?? "no plan"
      print("  at 1/\(divisor): \(result) in \(time)")
      if let outcome { #expect(outcome.peak <= budget) }
    }
  }
}
