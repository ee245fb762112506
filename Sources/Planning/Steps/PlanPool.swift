import Networks
import Schedules

/// The plans that a planner chooses from, for one batch size.
///
/// They are the same whatever the budget, so that a higher one is never worse: the table of the
/// network as a chain, cut in several ways; equal segments; and what `RetentionSearch` finds.
struct PlanPool {
  /// The units that the chain's memory is divided into: networks have few stages.
  private static let slotCount = 2_000
  /// The most plans of the chain that are looked at.
  private static let levelCount = 64
  /// The rungs of the search's ladder: a half, a third and a quarter are among them.
  private static let rungCount = 36

  /// A plan with what a simulation says that it takes.
  struct Candidate {
    let plan: Plan
    let peakByteCount: Int
    let seconds: Double
    /// The relative error of all gradients together that is expected, of representations that the
    /// search chose.
    let gradientError: Double
  }

  let facts: PlanningFacts
  /// The plans; the first is full storage.
  private(set) var candidates: [Candidate] = []

  private let approximation: Approximation?
  private let expectedError: ExpectedError
  private let nonNegativeValues: [Bool]
  private var network: Network { facts.network }
  private var batchSize: Int { facts.batchSize }
  private var threadCount: Int { facts.threadCount }

  /// Makes plans.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - approximation: How values are kept that can be read inexactly; nil to keep them whole.
  ///   - batchSize: The number of samples that run at once.
  ///   - threadCount: The number of threads that scratch is booked for.
  ///   - tolerance: The relative error of all gradients together that may be expected of values that
  ///     are recovered up to rounding or kept inexactly, chosen one by one; 0 for none.
  ///   - sensitivity: What errors of gradients are expected with; nil for an order of magnitude.
  ///   - spills: Whether values may wait in a file.
  ///   - keepsDerivedParameters: Whether derived parameters stay from their first use to their last.
  init(
    _ network: Network, approximation: Approximation?, batchSize: Int, threadCount: Int,
    tolerance: Double, sensitivity: GradientSensitivity?, spills: Bool,
    keepsDerivedParameters: Bool
  ) {
    self.approximation = approximation
    facts = PlanningFacts(
      network, batchSize: batchSize, threadCount: threadCount,
      costs: StepCosts(
        network, batchSize: batchSize, rates: .assumed(threadCount: threadCount)),
      keepsDerivedParameters: keepsDerivedParameters)
    expectedError = ExpectedError(network, sensitivity: sensitivity)
    nonNegativeValues = network.nonNegativeValues
    let plans =
      [fullPlan] + segmentPlans()
      + NetworkStages.divisions(of: network).flatMap { tablePlans($0) }
    var simulation = facts.simulation()
    candidates = plans.map { simulated($0, &simulation) }
    let (peak, seconds) = (candidates[0].peakByteCount, candidates[0].seconds)
    var searched = searchedPlans(fullPeak: peak, tolerance: nil, staging: nil)
    if spills {
      let staging = Self.stagingByteCount(fullPeak: peak)
      searched += searchedPlans(fullPeak: peak, tolerance: nil, staging: staging)
      if let everything = spilledPlan(staging: staging) { searched.append(everything) }
    }
    var recovered: Set<NodeID> = []
    if tolerance >= Inversion.roundingError, !facts.inversion.isEmpty {
      recovered = facts.inversion.recoveredValues
      searched.append(facts.inversion.plan)
    }
    if tolerance > 0 {
      // An error that is dear is kept for where nothing else helps.
      for price in [0.0, 0.2] {
        let limit = RetentionSearch.Tolerance(
          expected: expectedError, squared: tolerance * tolerance,
          secondsForAll: price * seconds)
        searched += searchedPlans(
          fullPeak: peak, tolerance: limit, staging: nil, recovered: recovered)
      }
    }
    candidates += searched.map { simulated($0, &simulation) }
      .filter { $0.gradientError <= tolerance }
  }

  private func simulated(_ plan: Plan, _ simulation: inout PassSimulation) -> Candidate {
    let outcome = simulation.outcome(of: plan.passes, Readings(facts.memory, plan.representations))
    var plan = plan
    plan.keepsDerivedParameters = facts.keepsDerivedParameters
    return Candidate(
      plan: plan, peakByteCount: outcome.peakByteCount, seconds: outcome.seconds,
      gradientError: approximation == nil ? gradientError(of: plan) : 0)
  }

  private func gradientError(of plan: Plan) -> Double {
    let recovers = plan.passes.contains { pass in
      if case .invert = pass { return true }
      return false
    }
    return max(
      recovers ? Inversion.roundingError : 0, expectedError.relative(of: plan.representations))
  }

  private var fullPlan: Plan { segmentPlan([network.nodes.indices]) }

  /// The plans of `sqrt` and `checkpoint`.
  private func segmentPlans() -> [Plan] {
    let most = network.cutPoints.count + 1
    guard most > 1 else { return [] }
    return (2...most).map { segmentPlan(network.divided(into: $0)) }
  }

  private func segmentPlan(_ segments: [Range<NodeID>]) -> Plan {
    network.plan(recomputing: segments, approximation: approximation, batchSize: batchSize)
  }

  /// Plans of the chain, from the cheapest to the one that takes the least memory.
  private func tablePlans(_ stages: NetworkStages) -> [Plan] {
    let model = NetworkChain(stages, approximation: approximation, facts).chain
    let capacity = ChainPlan(model.storingAll(), of: model).peakByteCount
    let unit = max(1, capacity / Self.slotCount)
    let table = ChainTable(
      model, sizes: ChainSizes(model, unit: unit), capacity: capacity / unit + model.count)
    let levels = table.levels
    var chosen = Set<Int>()
    // Evenly over all levels, both ends included.
    let count = min(levels.count, Self.levelCount)
    for index in 0..<count { chosen.insert(index * (levels.count - 1) / max(1, count - 1)) }
    let plans = chosen.sorted().compactMap { table.actions(memory: levels[$0].memory) }
    return (plans + [SmallestChainPlan(model).actions()]).map { actions in
      stages.plan(
        actions, stageCount: model.count, approximation: approximation, batchSize: batchSize)
    }
  }

  /// What a search over single values finds.
  private func searchedPlans(
    fullPeak: Int, tolerance: RetentionSearch.Tolerance?, staging: Int?,
    recovered: Set<NodeID> = []
  ) -> [Plan] {
    let start = fullPlan.representations
    let retained = RetentionPlan(facts, start)
    let options = retained.readValues.compactMap { value -> (NodeID, [Retention])? in
      let begin = retained.retentions[value]
      // A mask costs next to nothing.
      if begin == .reduced(nil) { return nil }
      let inexact = tolerance == nil ? [] : inexactRetentions(of: value, retained)
      let spilled = staging.map { spilledRetentions(of: value, retained, staging: $0) } ?? []
      let inverted: [Retention] = recovered.contains(value) ? [.inverted] : []
      return (value, [begin] + inverted + [.remade, .remadeEachTime] + inexact + spilled)
    }
    var search = RetentionSearch(facts, start: start, options: options, tolerance: tolerance)
    let limits = (1..<Self.rungCount).reversed().map { fullPeak / Self.rungCount * $0 }
    return search.ladder(limits: limits).map { found in
      Plan(passes: found.passes, representations: found.representations)
    }
  }

  /// Staging memory of a few hundredths of what a step takes, within reason.
  private static func stagingByteCount(fullPeak: Int) -> Int {
    let most = 8 << 20
    return max(Spilling.smallestStagingByteCount, min(most, fullPeak / 32))
  }

  /// Everything that can wait in a file does: what a search that goes value by value may miss.
  private func spilledPlan(staging: Int) -> Plan? {
    guard let spilling = try? Spilling(stagingByteCount: staging) else { return nil }
    return try? Strategy(spilling: spilling).plan(
      for: network, batchSize: batchSize, threadCount: threadCount)
  }

  /// A file, for a value that all its readers can read from there and that is worth it.
  private func spilledRetentions(
    of value: NodeID, _ plan: RetentionPlan, staging: Int
  ) -> [Retention] {
    let isLarge =
      network.nodes[value].outputShape.byteCount(batchSize: batchSize)
      >= Spilling.smallestValueByteCount
    let canRead = plan.residualNeeds(of: value).allSatisfy {
      $0.accepted.contains(.signMask) || $0.accepts(.spilled)
    }
    return isLarge && canRead ? [.reduced(.spilled(stagingByteCount: staging))] : []
  }

  /// The inexact representations that all readers of a value accept and that make it smaller.
  private func inexactRetentions(of value: NodeID, _ plan: RetentionPlan) -> [Retention] {
    let needs = plan.residualNeeds(of: value).filter { !$0.accepted.contains(.signMask) }
    let shape = network.nodes[value].outputShape
    var choices: [Representation] = [.eight, .four, .two].filter {
      network.soundBits(atLeast: $0, for: value, batchSize: batchSize) == $0
    }.map {
      .quantized(Quantization(bits: $0, seed: 0, beginsAtZero: nonNegativeValues[value]))
    }
    if let trace = try? Trace(.probes(max(2, shape.pixelCount / 64))),
      let sketch = trace.sketch(
        of: shape, probes: max(2, shape.pixelCount / 64),
        work: network.sketchedGradientWork(of: value), isRectified: false)
    {
      choices.append(.sketch(sketch))
    }
    return choices.filter { choice in
      needs.allSatisfy { $0.accepted.contains(choice.kind) }
        && choice.byteCount(of: shape, batchSize: batchSize)
          < shape.byteCount(batchSize: batchSize) / 2
    }.map { .reduced($0) }
  }
}
