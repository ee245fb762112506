import Files
import MemoryLedger
import Networks

/// Finds the plan with the least recomputation whose activation peak is within a budget.
///
/// The budget is for activations, transients and workspaces together, as the forecast has them. The
/// chain's table proposes plans in the order of their cost; each is judged by the forecast of its
/// own schedule, so that the chain's model may be too hopeful or too careful without harm. Equal
/// segments are candidates too.
struct OptimalRecomputation {
  /// The units that the chain's memory is divided into: networks have few stages.
  private static let slotCount = 2_000
  /// The most plans of the chain that are looked at.
  private static let levelCount = 64

  /// A plan with what its schedule takes.
  private struct Candidate {
    let plan: Plan
    let peakByteCount: Int
    let recomputedFLOPs: Double
  }

  private let network: Network
  private let approximation: Approximation?
  private let batchSize: Int
  private let threadCount: Int
  private let strategyName: String

  init(
    _ network: Network, approximation: Approximation?, batchSize: Int, threadCount: Int,
    strategyName: String
  ) {
    self.network = network
    self.approximation = approximation
    self.batchSize = batchSize
    self.threadCount = threadCount
    self.strategyName = strategyName
  }

  /// The cheapest plan.
  ///
  /// - Throws: `ScheduleError` with the smallest budget if nothing fits.
  func plan(budget: Int) throws(ScheduleError) -> Plan {
    let full = candidate(segmentPlan([network.nodes.indices]))
    if full.peakByteCount <= budget { return full.plan }
    let candidates = allCandidates()
    let fitting = candidates.filter { $0.peakByteCount <= budget }
    if let best = fitting.min(by: { $0.recomputedFLOPs < $1.recomputedFLOPs }) { return best.plan }
    let least = candidates.map(\.peakByteCount).min() ?? 0
    throw ScheduleError(
      "\(strategyName) does not fit: with a batch of \(batchSize), a step of \(network.name) takes "
        + "at least "
        + "\(ByteCount(bytes: least).fullDescription) for activations, transients and workspace",
      category: .overBudget)
  }

  /// What less memory costs, from the least memory to that of full storage: no point takes as much
  /// memory as another and costs more.
  func tradeOff() -> [TradeOffPoint] {
    let points = allCandidates().map {
      TradeOffPoint(
        activationPeakByteCount: $0.peakByteCount, recomputedFLOPsFraction: $0.recomputedFLOPs)
    }
    var front: [TradeOffPoint] = []
    for point in points.sorted(by: {
      ($0.activationPeakByteCount, $0.recomputedFLOPsFraction)
        < ($1.activationPeakByteCount, $1.recomputedFLOPsFraction)
    }) where point.recomputedFLOPsFraction < front.last?.recomputedFLOPsFraction ?? .infinity {
      front.append(point)
    }
    return front
  }

  private func allCandidates() -> [Candidate] {
    [candidate(segmentPlan([network.nodes.indices]))] + segmentCandidates()
      + NetworkStages.divisions(of: network).flatMap { tableCandidates($0) }
  }

  private func candidate(_ plan: Plan) -> Candidate {
    var assembler = ScheduleAssembler(
      network: network, batchSize: batchSize, threadCount: threadCount, plan: plan)
    let schedule = assembler.assemble(mode: .training)
    let baseline = BaselineMemory(
      network: schedule.network, batchSize: schedule.batchSize, optimizerStateCount: 0)
    return Candidate(
      plan: plan, peakByteCount: Forecast(schedule, baseline: baseline).activationPeakByteCount,
      recomputedFLOPs: schedule.recomputedFLOPsFraction)
  }

  /// The plans of `sqrt` and `checkpoint`.
  private func segmentCandidates() -> [Candidate] {
    let most = network.cutPoints.count + 1
    guard most > 1 else { return [] }
    return (2...most).map { candidate(segmentPlan(network.divided(into: $0))) }
  }

  private func segmentPlan(_ segments: [Range<NodeID>]) -> Plan {
    network.plan(recomputing: segments, approximation: approximation, batchSize: batchSize)
  }

  /// Plans of the chain, from the cheapest to the one that takes the least memory.
  private func tableCandidates(_ stages: NetworkStages) -> [Candidate] {
    let model = NetworkChain(
      stages, approximation: approximation, batchSize: batchSize, threadCount: threadCount
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
      candidate(
        stages.plan(
          actions, stageCount: model.count, approximation: approximation, batchSize: batchSize))
    }
  }
}
