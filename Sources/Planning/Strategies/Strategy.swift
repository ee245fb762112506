import Networks
import Schedules

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
  /// The number of equal parts of a batch that run one after the other, so that only one part's
  /// activations are there at a time; at least 1.
  public var partCount: Int

  /// Creates a strategy.
  public init(
    recomputation: Recomputation = .none, approximation: Approximation? = nil,
    spilling: Spilling? = nil, inverts: Bool = false, partCount: Int = 1
  ) {
    self.recomputation = recomputation
    self.approximation = approximation
    self.spilling = spilling
    self.inverts = inverts
    self.partCount = partCount
  }

  /// Everything that the backward pass reads is kept.
  public static let full = Strategy()

  /// How near gradients come to those of full storage.
  public var exactness: Exactness {
    if approximation != nil { return .estimated }
    return partCount == 1 && !inverts ? .exact : .rounding
  }

  /// What the strategy decides for a network.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples that run at once.
  ///   - threadCount: The number of threads that scratch is booked for: it is part of a budget.
  /// - Returns: The plan.
  /// - Throws: `ScheduleError` if the network cannot be divided as asked or does not fit the budget.
  public func plan(
    for network: Network, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Plan {
    if let budget {
      return try planned(
        within: budget, for: network, batchSize: batchSize, threadCount: threadCount
      ).plan
    }
    var plan = try planOfValues(for: network, batchSize: batchSize)
    // What computes values anew derives parameters anew too.
    plan.keepsDerivedParameters = recomputation == .none
    return plan
  }

  /// The schedule of the plan: the one by which it was chosen, where it was chosen by its schedule.
  func schedule(
    for network: Network, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> Schedule {
    if let budget {
      return try planned(
        within: budget, for: network, batchSize: batchSize, threadCount: threadCount
      ).step.firstSchedule
    }
    return Schedule(
      try plan(for: network, batchSize: batchSize, threadCount: threadCount),
      MemoryFacts(network, batchSize: batchSize, threadCount: threadCount))
  }

  /// What a planner is asked to keep to; nil for a strategy that decides itself.
  private var budget: StepBudget? {
    guard case .optimal(let budget) = recomputation, spilling == nil, !inverts else { return nil }
    return budget
  }

  private func planned(
    within budget: StepBudget, for network: Network, batchSize: Int, threadCount: Int
  ) throws(ScheduleError) -> PlannedStep {
    try approximation?.checkBudget(for: network, batchSize: batchSize)
    return try StepPlanner(
      network, approximation: approximation, batchSize: batchSize, threadCount: threadCount,
      keepsDerivedParameters: false, name: description
    ).plan(budget: budget)
  }

  /// The plan of a strategy without a budget, but for what becomes of derived parameters.
  private func planOfValues(
    for network: Network, batchSize: Int
  ) throws(ScheduleError) -> Plan {
    try approximation?.checkBudget(for: network, batchSize: batchSize)
    if let spilling {
      guard recomputation == .none, approximation == nil, partCount == 1 else {
        throw ScheduleError(
          "\(self) cannot be: what waits in a file is neither computed anew nor approximated, and "
            + "holds the whole batch")
      }
      return Plan(
        passes: network.passes(recomputing: [network.nodes.indices]),
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
    case .none, .segments, .squareRoot, .optimal:
      return network.plan(
        recomputing: try recomputation.segments(of: network), approximation: approximation,
        batchSize: batchSize)
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

/// How near gradients come to those of full storage.
public enum Exactness: String, Hashable, Sendable {
  /// They are the same to the bit.
  case exact = "yes"
  /// The same sums are added up in another order, or values are recovered up to rounding.
  case rounding
  /// They are right on average.
  case estimated = "no"
}

extension Strategy {
  /// Requires that a batch can be divided as asked.
  ///
  /// - Throws: `ScheduleError` if it cannot.
  func checkParts(of network: Network, batchSize: Int) throws(ScheduleError) {
    guard partCount != 1 else { return }
    guard partCount >= 1, batchSize % partCount == 0 else {
      throw ScheduleError(
        "microbatch:\(partCount) cannot divide a batch of \(batchSize) into equal parts; choose one "
          + "of its divisors")
    }
    if let node = network.nodes.first(where: { $0.operation.mixesSamples }) {
      throw ScheduleError(
        "microbatch:\(partCount) would change what \(network.name) computes, since \(node.name) "
          + "normalises the samples of a batch together")
    }
  }
}
