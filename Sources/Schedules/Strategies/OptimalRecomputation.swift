import Files
import MemoryLedger
import Networks

/// Finds the fastest plan whose activation peak is within a budget.
///
/// The budget is for activations, transients and workspaces together, as the forecast has them. A
/// pool of plans is made whatever the budget, so that a higher one is never worse: the table of the
/// network as a chain, cut in several ways; equal segments; and what `RetentionSearch` finds. Each is
/// judged by the forecast of its own schedule, so that models may be too hopeful or too careful
/// without harm.
struct OptimalRecomputation {
  /// The units that the chain's memory is divided into: networks have few stages.
  private static let slotCount = 2_000
  /// The most plans of the chain that are looked at.
  private static let levelCount = 64
  /// The rungs of the search's ladder: a half, a third and a quarter are among them.
  private static let rungCount = 36

  /// A plan with what a simulation says that it takes.
  private struct Candidate {
    let plan: Plan
    let peakByteCount: Int
    let seconds: Double
  }

  /// A plan with what its schedule takes.
  struct Judged {
    let plan: Plan
    let peakByteCount: Int
    let seconds: Double
    let recomputedFLOPsFraction: Double
  }

  private let network: Network
  private let approximation: Approximation?
  private let batchSize: Int
  private let threadCount: Int
  private let strategyName: String
  private let facts: PassFacts
  private var pool: [Candidate] = []

  init(
    _ network: Network, approximation: Approximation?, batchSize: Int, threadCount: Int,
    strategyName: String
  ) {
    self.network = network
    self.approximation = approximation
    self.batchSize = batchSize
    self.threadCount = threadCount
    self.strategyName = strategyName
    facts = PassFacts(
      network, batchSize: batchSize, threadCount: threadCount,
      costs: StepCosts(
        network, batchSize: batchSize, rates: .assumed(threadCount: threadCount)))
    pool = allCandidates()
  }

  /// The cheapest plan.
  ///
  /// - Throws: `ScheduleError` with the smallest budget if nothing fits.
  func plan(budget: StepBudget) throws(ScheduleError) -> Plan {
    let full = judged(fullPlan)
    let budget = budget.byteCount(ofFull: exactFullPeak(full))
    if full.peakByteCount <= budget { return full.plan }
    let hopeful = pool.filter { $0.peakByteCount <= budget }.sorted(by: Self.isCheaper)
    for candidate in hopeful {
      let judged = judged(candidate.plan)
      if judged.peakByteCount <= budget { return judged.plan }
    }
    let least = smallestPeak
    throw ScheduleError(
      "\(strategyName) does not fit: with a batch of \(batchSize), a step of \(network.name) takes "
        + "at least "
        + "\(ByteCount(bytes: least).fullDescription) for activations, transients and workspace",
      category: .overBudget)
  }

  /// What less memory costs, from the least memory to that of full storage: no plan takes as much
  /// memory as another and costs more.
  func front() -> [Judged] {
    let hopeful = pool.sorted {
      ($0.peakByteCount, $0.seconds) < ($1.peakByteCount, $1.seconds)
    }
    var least = Double.infinity
    var judged: [Judged] = []
    for candidate in hopeful where candidate.seconds < least {
      least = candidate.seconds
      judged.append(self.judged(candidate.plan))
    }
    var front: [Judged] = []
    for plan in judged.sorted(by: {
      ($0.peakByteCount, $0.seconds) < ($1.peakByteCount, $1.seconds)
    })
    where plan.seconds < front.last?.seconds ?? .infinity {
      front.append(plan)
    }
    return front
  }

  private static func isCheaper(_ a: Candidate, _ b: Candidate) -> Bool {
    (a.seconds, a.peakByteCount) < (b.seconds, b.peakByteCount)
  }

  /// The least that any plan of the pool takes.
  private var smallestPeak: Int {
    pool.min { $0.peakByteCount < $1.peakByteCount }.map { judged($0.plan).peakByteCount } ?? 0
  }

  /// The peak of full storage without approximation: what shares are shares of.
  private func exactFullPeak(_ full: Judged) -> Int {
    guard approximation != nil else { return full.peakByteCount }
    let plan = network.plan(
      recomputing: [network.nodes.indices], approximation: nil, batchSize: batchSize)
    return judged(plan).peakByteCount
  }

  // MARK: Judging

  /// A plan with the forecast of its schedule.
  private func judged(_ plan: Plan) -> Judged {
    var assembler = ScheduleAssembler(
      network: network, batchSize: batchSize, threadCount: threadCount, plan: plan)
    let schedule = assembler.assemble(mode: .training)
    let baseline = BaselineMemory(
      network: schedule.network, batchSize: schedule.batchSize, optimizerStateCount: 0)
    return Judged(
      plan: plan, peakByteCount: Forecast(schedule, baseline: baseline).activationPeakByteCount,
      seconds: facts.costs.seconds(of: schedule),
      recomputedFLOPsFraction: schedule.recomputedFLOPsFraction)
  }

  // MARK: The pool

  private var fullPlan: Plan { segmentPlan([network.nodes.indices]) }

  /// All plans that are considered, with what a simulation says of them.
  private func allCandidates() -> [Candidate] {
    let plans =
      [fullPlan] + segmentPlans()
      + NetworkStages.divisions(of: network).flatMap { tablePlans($0) }
    var simulation = PassSimulation(facts)
    var candidates = plans.map { simulated($0, &simulation) }
    let fullPeak = candidates[0].peakByteCount
    candidates += searchedPlans(fullPeak: fullPeak).map { simulated($0, &simulation) }
    return candidates
  }

  private func simulated(_ plan: Plan, _ simulation: inout PassSimulation) -> Candidate {
    let outcome = simulation.outcome(of: plan.passes, Readings(facts, plan.representations))
    return Candidate(
      plan: plan, peakByteCount: outcome.peakByteCount, seconds: outcome.seconds)
  }

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
    let model = NetworkChain(
      stages, approximation: approximation, batchSize: batchSize, threadCount: threadCount,
      costs: facts.costs
    ).chain
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
  private func searchedPlans(fullPeak: Int) -> [Plan] {
    let start = fullPlan.representations
    let retained = RetentionPlan(facts, start)
    let options = retained.readValues.compactMap { value -> (NodeID, [Retention])? in
      let begin = retained.retentions[value]
      // A mask costs next to nothing.
      if begin == .reduced(nil) { return nil }
      return (value, [begin, .remade, .remadeEachTime])
    }
    var search = RetentionSearch(facts, start: start, options: options)
    let limits = (1..<Self.rungCount).reversed().map { fullPeak / Self.rungCount * $0 }
    return search.ladder(limits: limits).map { found in
      Plan(passes: found.passes, representations: found.representations)
    }
  }
}
