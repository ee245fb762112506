import Files
import MemoryLedger
import Networks
import Testing

@testable import Planning
@testable import Schedules

/// Properties of plans under a budget, over all models.
@Suite struct StepPlannerTests {
  private static let batchSize = 8

  private func check(_ plan: PlannedStep) throws {
    try Validator.check(
      plan.step,
      baseline: BaselineMemory(
        network: plan.step.network, batchSize: Self.batchSize, optimizerStateCount: 1))
  }

  @Test(arguments: Model.shallow, [0, 0.1])
  func timeNeverRisesWithTheBudget(model: Model, tolerance: Double) throws {
    let network = try model.usual()
    let planner = try StepPlanner(
      network, batchSize: Self.batchSize, threadCount: 2, tolerance: tolerance)
    let curve = planner.curve()
    let smallest = try #require(curve.first?.activationPeakByteCount)
    let refusal = #expect(throws: ScheduleError.self) {
      try planner.plan(budget: .bytes(smallest - 1))
    }
    #expect(refusal?.category == .overBudget)
    var previous = Double.infinity
    for part in 0...16 {
      let budget = smallest + (planner.fullPeakByteCount - smallest) * part / 16
      let step = try planner.plan(budget: .bytes(budget))
      try check(step)
      #expect(step.activationPeakByteCount <= budget)
      #expect(step.seconds <= previous)
      #expect(step.expectedGradientError <= tolerance)
      previous = step.seconds
    }
    for (a, b) in zip(curve, curve.dropFirst()) {
      #expect(a.activationPeakByteCount < b.activationPeakByteCount && a.seconds > b.seconds)
    }
  }

  /// At the peak of full storage nothing is computed anew, approximated or divided.
  @Test(arguments: Model.shallow)
  func fullStorageIsChosenWhereItFits(model: Model) throws {
    let network = try model.usual()
    let planner = try StepPlanner(
      network, batchSize: Self.batchSize, threadCount: 2, tolerance: 0.1)
    let full = try Step.training(
      network, strategy: .full, batchSize: Self.batchSize, threadCount: 2)
    let step = try planner.plan(budget: .share(part: 1, whole: 1))
    #expect(step.step.actions.elementsEqual(full.actions))
    #expect(step.expectedGradientError == 0)
  }

  /// Without a tolerance representations are exact; with one the error that is expected is spent
  /// only where it helps.
  @Test(arguments: [Model.resnet8, .resnet18])
  func toleranceBuysTimeOrMemory(model: Model) throws {
    let network = try model.usual()
    let exact = try StepPlanner(network, batchSize: Self.batchSize, threadCount: 2)
    let tolerant = try StepPlanner(
      network, batchSize: Self.batchSize, threadCount: 2, tolerance: 0.2)
    let half = StepBudget.share(part: model == .resnet8 ? 3 : 2, whole: 4)
    let faster = try tolerant.plan(budget: half)
    #expect(try faster.seconds < exact.plan(budget: half).seconds)
    #expect(faster.expectedGradientError > 0)
    let kinds = Set(faster.step.firstSchedule.representations.joined().map(\.kind))
    #expect(kinds.contains(.quantized) || kinds.contains(.sketch))
    for step in exact.curve() {
      let inexact = step.step.firstSchedule.representations.joined().contains {
        $0.kind == .quantized || $0.kind == .sketch
      }
      #expect(!inexact && step.expectedGradientError == 0)
    }
  }

  /// A file holds what nothing else can: the least memory is below that of recomputation alone.
  @Test func filesHoldWhatNothingElseCan() throws {
    let network = try Model.resnet18.usual()
    let planner = try StepPlanner(network, batchSize: 64, threadCount: 2)
    let spilling = try #require(planner.curve().first)
    #expect(spilling.step.firstSchedule.representations.joined().contains { $0.kind == .spilled })
    #expect(spilling.expectedGradientError == 0)
    let least = try #require(
      try Strategy.tradeOff(for: network, batchSize: 64, threadCount: 2).first)
    #expect(spilling.activationPeakByteCount < least.activationPeakByteCount)
    try Validator.check(
      spilling.step,
      baseline: BaselineMemory(network: network, batchSize: 64, optimizerStateCount: 1))
  }

  /// Where rounding is tolerated, recovering values makes steps of reversible networks faster; plans
  /// without a tolerance recover nothing.
  ///
  /// What a normalisation with a leaky rectifier allows to recover costs as much as making the
  /// rectifier's output anew from the normalisation's input, which is exact: it wins nothing there.
  @Test(arguments: [Model.resnet18Leaky, .revnet])
  func recoveredValuesSaveMemoryOrTime(model: Model) throws {
    let network = try model.usual()
    let exact = try StepPlanner(network, batchSize: 64, threadCount: 2)
    // Too little for a single value in few bits.
    let tolerance = Inversion.roundingError
    let rounding = try StepPlanner(network, batchSize: 64, threadCount: 2, tolerance: tolerance)
    func recovers(_ step: PlannedStep) -> Bool {
      step.step.actions.contains { $0.name.description == "invert" }
    }
    #expect(!exact.curve().contains(where: recovers))
    var faster = 0
    for (part, whole) in [(3, 4), (2, 3), (1, 2), (1, 3)] {
      let budget = StepBudget.share(part: part, whole: whole)
      let usual = try exact.plan(budget: budget)
      let step = try rounding.plan(budget: budget)
      try Validator.check(
        step.step,
        baseline: BaselineMemory(network: network, batchSize: 64, optimizerStateCount: 1))
      #expect(step.seconds <= usual.seconds)
      guard step.seconds < 0.99 * usual.seconds else { continue }
      faster += 1
      #expect(recovers(step) && step.expectedGradientError == tolerance)
    }
    #expect((faster > 0) == (model == .revnet))
    let least = (exact.curve().first, rounding.curve().first)
    #expect(
      least.1?.activationPeakByteCount ?? .max <= least.0?.activationPeakByteCount ?? 0)
  }

  /// Parts of a batch are part of the choice where no layer normalises it.
  @Test func partsAreChosenWhereTheyAreExact() throws {
    let vgg = try StepPlanner(try Model.vgg8.usual(), batchSize: 8, threadCount: 2)
    #expect(vgg.curve().contains { $0.step.runs.count > 1 })
    let residual = try StepPlanner(try Model.resnet8.usual(), batchSize: 8, threadCount: 2)
    #expect(residual.curve().allSatisfy { $0.step.runs.count == 1 })
  }

  /// Twice the batch at twice the bytes takes about twice the time: scratch does not scale.
  @Test(arguments: [Model.resnet8, .resnet18, .resnet50])
  func scalingTheBatchScalesTheBudget(model: Model) throws {
    let network = try model.usual()
    let one = try StepPlanner(network, batchSize: 32, threadCount: 1)
    let two = try StepPlanner(network, batchSize: 64, threadCount: 1)
    for whole in [2, 3] {
      let small = try one.plan(budget: .share(part: 2, whole: whole))
      let large = try two.plan(budget: .share(part: 2, whole: whole))
      #expect(abs(large.seconds / small.seconds - 2) < 0.1)
      let peaks = (small.activationPeakByteCount, large.activationPeakByteCount)
      #expect(abs(Double(peaks.1) / Double(peaks.0) - 2) < 0.1)
    }
  }

  /// The plans that have their own names are never better than the planner's at their peak.
  @Test(arguments: Model.shallow)
  func noNamedStrategyIsFasterAtItsPeak(model: Model) throws {
    let network = try model.usual()
    let planner = try StepPlanner(network, batchSize: Self.batchSize, threadCount: 2)
    let costs = StepCosts(
      network, batchSize: Self.batchSize, rates: .assumed(threadCount: 2))
    for recomputation in [
      Recomputation.squareRoot, .segments(2), .revolve(slots: 2), .mixed(slots: 3),
    ] {
      let named = try Step.training(
        network, strategy: Strategy(recomputation: recomputation), batchSize: Self.batchSize,
        threadCount: 2)
      let baseline = BaselineMemory(
        network: network, batchSize: Self.batchSize, optimizerStateCount: 0)
      let peak = Forecast(named, baseline: baseline).activationPeakByteCount
      let step = try planner.plan(budget: .bytes(peak))
      #expect(step.seconds <= costs.seconds(of: named) * (1 + 1e-12), "\(recomputation)")
    }
  }
}
