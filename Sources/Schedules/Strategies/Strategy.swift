import Networks

/// A way of keeping activations: what is computed anew, and how residuals wait.
public struct Strategy: Hashable, Sendable {
  /// What is computed anew instead of being kept.
  public var recomputation: Recomputation
  /// How values are kept that backward passes can read inexactly; nil to keep them whole.
  public var approximation: Approximation?
  /// How values wait in a file; nil to keep them in memory.
  public var spilling: Spilling?
  /// Whether values are recovered from others, up to rounding, instead of being kept (`Inversion`).
  public var inverts: Bool

  /// Creates a strategy.
  public init(
    recomputation: Recomputation = .none, approximation: Approximation? = nil,
    spilling: Spilling? = nil, inverts: Bool = false
  ) {
    self.recomputation = recomputation
    self.approximation = approximation
    self.spilling = spilling
    self.inverts = inverts
  }

  /// Everything that the backward pass reads is kept.
  public static let full = Strategy()

  /// Whether gradients are the same, to the bit, as those of full storage.
  public var isExact: Bool { approximation == nil }

  /// What the strategy decides for a network.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples.
  ///   - threadCount: The number of threads that scratch is booked for: it is part of a budget.
  /// - Returns: The plan.
  /// - Throws: `ScheduleError` if the network cannot be divided as asked or does not fit the budget.
  public func plan(
    for network: Network, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Plan {
    try approximation?.checkBudget(for: network, batchSize: batchSize)
    if let spilling {
      guard recomputation == .none, approximation == nil else {
        throw ScheduleError(
          "\(self) cannot be: what waits in a file is neither computed anew nor approximated")
      }
      return Plan(
        passes: network.nodes.map { .forward($0.id) } + network.backwardOrder.map { .backward($0) },
        representations: network.leanRepresentations(
          wholeValues: [],
          reduced: spilling.representations(in: network, batchSize: batchSize)))
    }
    if inverts {
      guard recomputation == .none, approximation == nil else {
        throw ScheduleError(
          "\(self) cannot be: what is recovered is neither computed anew nor approximated")
      }
      let inversion = Inversion(network)
      guard !inversion.isEmpty else {
        throw ScheduleError(
          "invert finds nothing to recover in \(network.name): it needs normalisations with leaky "
            + "rectifiers behind them, or additive couplings")
      }
      return inversion.plan
    }
    let actions: [ChainAction]
    let stages = NetworkStages(network)
    let stageCount = stages.stages.count
    switch recomputation {
    case .none, .segments, .squareRoot:
      return network.plan(
        recomputing: try recomputation.segments(of: network), approximation: approximation,
        batchSize: batchSize)
    case .optimal(let budget):
      return try OptimalRecomputation(
        network, approximation: approximation, batchSize: batchSize, threadCount: threadCount,
        strategyName: description
      ).plan(budget: budget)
    case .revolve(let slots):
      try recomputation.check(slots: slots)
      actions = Revolve.schedule(steps: stageCount, slots: slots)
    case .mixed(let slots):
      try recomputation.check(slots: slots)
      actions = MixedCheckpointing(steps: stageCount, slots: slots).schedule()
    }
    return stages.plan(
      actions, stageCount: stageCount, approximation: approximation, batchSize: batchSize)
  }
}
