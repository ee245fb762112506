import Networks
import Schedules

/// What planners know of a network for one batch, found once.
struct PlanningFacts {
  /// What passes do to memory, and what they cost.
  let memory: MemoryFacts
  /// The seconds of passes, and of whole steps.
  let costs: StepCosts
  /// Whether derived parameters stay from their first use to their last.
  let keepsDerivedParameters: Bool
  /// What can be recovered.
  let inversion: Inversion
  /// For each node whose input follows from a rectifier's output, the rectifier.
  let invertedRectifiers: [NodeID: NodeID]

  /// The network.
  var network: Network { memory.network }
  /// The number of samples that run at once.
  var batchSize: Int { memory.batchSize }
  /// The number of threads that scratch is booked for.
  var threadCount: Int { memory.threadCount }

  init(
    _ network: Network, batchSize: Int, threadCount: Int, costs: StepCosts,
    keepsDerivedParameters: Bool = true
  ) {
    self.keepsDerivedParameters = keepsDerivedParameters
    memory = MemoryFacts(
      network, batchSize: batchSize, threadCount: threadCount, costs: costs.ofPasses)
    self.costs = costs
    inversion = Inversion(network)
    invertedRectifiers = Dictionary(
      uniqueKeysWithValues: inversion.rectifiers.map { ($0.value, $0.key) })
  }

  /// A simulation of plans.
  func simulation() -> PassSimulation {
    PassSimulation(memory, keepsDerivedParameters: keepsDerivedParameters)
  }
}
