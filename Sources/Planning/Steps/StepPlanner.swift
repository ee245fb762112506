import Files
import MemoryLedger
import Networks
import Schedules

/// Finds the fastest way of running a step whose activation peak is within a budget.
///
/// The budget is for activations, transients and workspaces together, as the forecast has them. Plans
/// come from pools that are made whatever the budget, so that a higher one is never worse, and are
/// judged by the forecast of their own schedules. Time is forecast with `MachineRates.assumed`, so
/// that the same plan is found everywhere and at any time.
public struct StepPlanner: Sendable {
  /// The most parts that a batch is divided into.
  private static let largestPartCount = 32

  /// A plan of a pool, for a step of so many parts.
  private struct Candidate {
    let plan: Plan
    let facts: MemoryFacts
    let partCount: Int
    let peakByteCount: Int
    let seconds: Double
    let gradientError: Double
  }

  /// The step of full storage, exact and with its derived parameters kept.
  public let fullStep: Step
  /// The highest total of activations, transients and workspace under full storage: what shares are
  /// shares of.
  public let fullPeakByteCount: Int

  private let network: Network
  private let batchSize: Int
  private let name: String
  private let costs: StepCosts
  /// The cheapest plans first; of those that cost the same, the leanest.
  private let candidates: [Candidate]

  /// Prepares to plan; allocates no tensor.
  ///
  /// Without a tolerance all representations are exact, and nothing is recovered up to rounding;
  /// values may wait in a file, which is taken to
  /// write and read `StepCosts.fileBytesPerSecond`. A batch is divided into parts only where no
  /// layer normalises it: then gradients are those of the whole batch but for rounding.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples of a step; from 1 to a million.
  ///   - threadCount: The number of threads that scratch is booked for: it is part of a budget.
  ///   - tolerance: The relative error of all gradients together that may be expected.
  ///   - sensitivity: What that is expected with, as measured for a batch of so many samples; nil for
  ///     an order of magnitude.
  /// - Throws: `ScheduleError` if no step of so many samples and threads can be scheduled.
  public init(
    _ network: Network, batchSize: Int, threadCount: Int, tolerance: Double = 0,
    sensitivity: GradientSensitivity? = nil
  ) throws(ScheduleError) {
    try self.init(
      network, approximation: nil, batchSize: batchSize, threadCount: threadCount,
      tolerance: tolerance, sensitivity: sensitivity,
      dividesBatch: !network.mixesSamples, spills: true,
      name: "the budget")
  }

  /// Prepares to plan for a strategy that is spelled `name`; one that computes values anew derives
  /// parameters anew too.
  init(
    _ network: Network, approximation: Approximation?, batchSize: Int, threadCount: Int,
    tolerance: Double = 0, sensitivity: GradientSensitivity? = nil,
    dividesBatch: Bool = false, spills: Bool = false, keepsDerivedParameters: Bool = true,
    name: String
  ) throws(ScheduleError) {
    try network.requireTrainingStep(batchSize: batchSize, threadCount: threadCount)
    self.network = network
    self.batchSize = batchSize
    self.name = name
    let costs = StepCosts(
      network, batchSize: batchSize, rates: .assumed(threadCount: threadCount))
    self.costs = costs
    var candidates: [Candidate] = []
    var partCount = 1
    while partCount == 1
      || (dividesBatch && partCount <= Self.largestPartCount && batchSize % partCount == 0
        && network.learns(fromBatchOf: batchSize / partCount))
    {
      let pool = PlanPool(
        network, approximation: approximation, batchSize: batchSize / partCount,
        threadCount: threadCount, tolerance: tolerance, sensitivity: sensitivity,
        spills: spills && partCount == 1, keepsDerivedParameters: keepsDerivedParameters)
      candidates += pool.candidates.map { candidate in
        Candidate(
          plan: candidate.plan, facts: pool.facts.memory, partCount: partCount,
          peakByteCount: candidate.peakByteCount,
          seconds: costs.seconds(
            ofRuns: Array(repeating: candidate.seconds, count: partCount)),
          gradientError: candidate.gradientError)
      }
      partCount *= 2
    }
    let full = candidates[0]
    let exactFull = network.plan(
      recomputing: [network.nodes.indices], approximation: nil, batchSize: batchSize)
    self.candidates = candidates.sorted {
      ($0.seconds, $0.peakByteCount) < ($1.seconds, $1.peakByteCount)
    }
    let planned = PlannedStep(
      exactFull, full.facts, partCount: 1, gradientError: 0, costs: costs)
    fullStep = planned.step
    fullPeakByteCount = planned.activationPeakByteCount
  }

  /// The fastest plan.
  ///
  /// - Parameter budget: What a step may take.
  /// - Returns: The plan, as a step that can be run.
  /// - Throws: `ScheduleError` with the smallest budget if nothing fits, or if the budget is none.
  public func plan(budget: StepBudget) throws(ScheduleError) -> PlannedStep {
    do throws(StepBudgetError) {
      try budget.check()
    } catch {
      throw ScheduleError("\(error)")
    }
    let limit = budget.byteCount(ofFull: fullPeakByteCount)
    for candidate in candidates where candidate.peakByteCount <= limit {
      let step = step(candidate)
      if step.activationPeakByteCount <= limit { return step }
    }
    throw ScheduleError(
      "\(name) does not fit: with a batch of \(batchSize), a step of \(network.name) takes at least "
        + "\(ByteCount(bytes: smallestPeak).fullDescription) for activations, transients and workspace",
      category: .overBudget)
  }

  /// What less memory costs, from the least memory to that of the fastest plan: no step takes as much
  /// memory as another and more time.
  public func curve() -> [PlannedStep] {
    var least = Int.max
    var steps: [PlannedStep] = []
    for candidate in candidates where candidate.peakByteCount < least {
      least = candidate.peakByteCount
      steps.append(step(candidate))
    }
    var front: [PlannedStep] = []
    for step in steps.sorted(by: {
      ($0.activationPeakByteCount, $0.seconds) < ($1.activationPeakByteCount, $1.seconds)
    }) where step.seconds < front.last?.seconds ?? .infinity {
      front.append(step)
    }
    return front
  }

  /// The least that any plan takes.
  private var smallestPeak: Int {
    candidates.min { $0.peakByteCount < $1.peakByteCount }.map {
      step($0).activationPeakByteCount
    } ?? 0
  }

  private func step(_ candidate: Candidate) -> PlannedStep {
    PlannedStep(
      candidate.plan, candidate.facts, partCount: candidate.partCount,
      gradientError: candidate.gradientError, costs: costs)
  }
}
