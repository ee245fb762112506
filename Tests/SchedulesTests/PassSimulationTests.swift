import MemoryLedger
import Networks
import TestSupport
import Testing

@testable import Planning
@testable import Schedules

/// The quick simulation gives what the schedule's own forecast gives, to the byte.
@Suite struct PassSimulationTests {
  private static let batchSize = 8
  private static let threadCount = 2

  private func facts(_ network: Network) -> PlanningFacts {
    PlanningFacts(
      network, batchSize: Self.batchSize, threadCount: Self.threadCount,
      costs: StepCosts(network, batchSize: Self.batchSize, rates: .assumed(threadCount: 2)))
  }

  /// What a plan's schedule takes and costs; the schedule is proved well formed.
  private func judged(_ plan: Plan, _ facts: PlanningFacts) throws -> (peak: Int, seconds: Double) {
    let step = Step(Schedule(plan, facts.memory))
    let baseline = BaselineMemory(
      network: facts.network, batchSize: facts.batchSize, optimizerStateCount: 0)
    try Validator.check(step, baseline: baseline)
    return (
      Forecast(step, baseline: baseline).activationPeakByteCount,
      facts.costs.seconds(of: step)
    )
  }

  private func expectAgreement(
    _ plan: Plan, _ facts: PlanningFacts, _ simulation: inout PassSimulation, _ what: String
  ) throws {
    let simulated = simulation.outcome(
      of: plan.passes, Readings(facts.memory, plan.representations))
    let judged = try judged(plan, facts)
    #expect(simulated.peakByteCount == judged.peak, "\(what)")
    #expect(abs(simulated.seconds - judged.seconds) <= 1e-9 * judged.seconds, "\(what)")
  }

  @Test(arguments: Model.shallow)
  func strategiesAgree(model: Model) throws {
    let network = try model.usual()
    let facts = facts(network)
    var simulation = PassSimulation(facts.memory)
    let slots = [Recomputation.revolve(slots: 2), .mixed(slots: 3)].map {
      Strategy(recomputation: $0)
    }
    for strategy in strategies + slots {
      let plan = try strategy.plan(
        for: network, batchSize: Self.batchSize, threadCount: Self.threadCount)
      try expectAgreement(plan, facts, &simulation, "\(strategy)")
    }
  }

  /// Values in a file, beside values that are kept and values that are computed anew, also from
  /// what is in the file.
  @Test(arguments: Model.shallow)
  func spilledValuesAgree(model: Model) throws {
    let network = try model.usual()
    let facts = facts(network)
    var simulation = PassSimulation(facts.memory)
    var numbers = TestRandom(seed: 5)
    let start = network.leanRepresentations(
      wholeValues: [], approximation: nil, batchSize: Self.batchSize)
    for _ in 0..<4 {
      var plan = RetentionPlan(facts, start)
      var readings = Readings(facts.memory, start)
      for value in plan.readValues {
        var choices: [Retention] = [.kept, .remade, .remadeEachTime]
        if plan.residualNeeds(of: value).contains(where: { !$0.accepted.contains(.signMask) }) {
          choices.append(.reduced(.spilled(stagingByteCount: 1 << 20)))
        }
        let retention = choices[Int.random(in: 0..<choices.count, using: &numbers)]
        readings.set(plan.set(retention, of: value), of: value, facts.memory)
      }
      try expectAgreement(
        Plan(passes: plan.passes(), representations: readings.representations), facts,
        &simulation, "\(plan.retentions)")
    }
  }

  /// Values that are recovered, from values that are there and where those are not.
  @Test(arguments: [Model.resnet18Leaky, .revnet])
  func invertedValuesAgree(model: Model) throws {
    let network = try model.usual()
    let facts = facts(network)
    var simulation = PassSimulation(facts.memory)
    var numbers = TestRandom(seed: 7)
    try expectAgreement(facts.inversion.plan, facts, &simulation, "all")
    let start = network.leanRepresentations(
      wholeValues: [], approximation: nil, batchSize: Self.batchSize)
    let recovered = facts.inversion.recoveredValues
    var inversions = 0
    for _ in 0..<6 {
      var plan = RetentionPlan(facts, start)
      var readings = Readings(facts.memory, start)
      for value in plan.readValues {
        var choices: [Retention] = [.kept, .kept, .remade, .remadeEachTime]
        if recovered.contains(value) { choices += [.inverted, .inverted, .inverted, .inverted] }
        let retention = choices[Int.random(in: 0..<choices.count, using: &numbers)]
        readings.set(plan.set(retention, of: value), of: value, facts.memory)
      }
      inversions += plan.passes().count { if case .invert = $0 { true } else { false } }
      try expectAgreement(
        Plan(passes: plan.passes(), representations: readings.representations), facts,
        &simulation, "\(plan.retentions)")
    }
    #expect(inversions > 0)
  }

  @Test(arguments: Model.shallow)
  func randomRetentionsAgree(model: Model) throws {
    let network = try model.usual()
    let facts = facts(network)
    var simulation = PassSimulation(facts.memory)
    var numbers = TestRandom(seed: 11)
    let start = network.leanRepresentations(
      wholeValues: [], approximation: nil, batchSize: Self.batchSize)
    let quantized = Representation.quantized(Quantization(bits: .four, seed: 0))
    for _ in 0..<6 {
      var plan = RetentionPlan(facts, start)
      var readings = Readings(facts.memory, start)
      for value in plan.readValues {
        var choices: [Retention] = [.kept, .remade, .remadeEachTime]
        if plan.residualNeeds(of: value).allSatisfy({
          $0.accepted.contains(.quantized) || $0.accepted.contains(.signMask)
        }) {
          choices.append(.reduced(quantized))
        }
        let retention = choices[Int.random(in: 0..<choices.count, using: &numbers)]
        readings.set(plan.set(retention, of: value), of: value, facts.memory)
      }
      try expectAgreement(
        Plan(passes: plan.passes(), representations: readings.representations), facts,
        &simulation, "\(plan.retentions)")
    }
  }

  /// Masks of clipped activations are packed by the pass that writes the output, as those of rectifiers.
  @Test func masksOfClippedActivationsAgree() throws {
    let facts = facts(
      try Network("clipped", input: Shape(12, 12, channels: 3)) {
        Convolution(3, channels: 8, padding: 1)
        Activation(.relu6)
        MaxPooling(2)
        Convolution(3, channels: 8, padding: 1)
        Activation(.relu6)
        GlobalAveragePooling()
        Linear(10)
        SoftmaxCrossEntropy()
      })
    var simulation = PassSimulation(facts.memory)
    for strategy in strategies {
      let plan = try strategy.plan(
        for: facts.network, batchSize: Self.batchSize, threadCount: Self.threadCount)
      try expectAgreement(plan, facts, &simulation, "\(strategy)")
    }
  }

  /// Derived parameters are no part of the peak, but deriving them takes scratch and time.
  @Test func derivedParametersAgree() throws {
    let facts = facts(
      try Network("derived", input: Shape(9, 9, channels: 2)) {
        Convolution(3, channels: 6, padding: 1).deriving("w", by: WeightStandardization())
        ReLU()
        Convolution(3, channels: 64, padding: 1).deriving("w", by: WeightStandardization())
        ReLU()
        GlobalAveragePooling()
        Linear(10)
        SoftmaxCrossEntropy()
      })
    for strategy in strategies {
      let plan = try strategy.plan(
        for: facts.network, batchSize: Self.batchSize, threadCount: Self.threadCount)
      var simulation = PassSimulation(
        facts.memory, keepsDerivedParameters: plan.keepsDerivedParameters)
      try expectAgreement(plan, facts, &simulation, "\(strategy)")
    }
  }

  /// As many inputs of a node as there may be; some are read twice.
  @Test(arguments: [63, 64, 65, 150])
  func anyNumberOfValuesIsJoined(count: Int) throws {
    var graph = try GraphBuilder(name: "wide", input: Shape(4, 4, channels: 3))
    var values: [NodeID] = []
    for _ in 0..<count {
      let value = try graph.add(Convolution(1, channels: 2), inputs: [Network.input])
      values.append(try graph.add(ReLU(), inputs: [value]))
    }
    let joined = try graph.add(Concatenation(), inputs: values + values.suffix(2))
    let means = try graph.add(GlobalAveragePooling(), inputs: [joined])
    let scores = try graph.add(Linear(10), inputs: [means])
    try graph.add(SoftmaxCrossEntropy(), inputs: [scores])
    let facts = facts(try graph.network())
    var simulation = PassSimulation(facts.memory)
    for strategy in [.full, Strategy(recomputation: .squareRoot)] {
      let plan = try strategy.plan(
        for: facts.network, batchSize: Self.batchSize, threadCount: Self.threadCount)
      try expectAgreement(plan, facts, &simulation, "\(count) under \(strategy)")
    }
  }
}
