import Planning
import Testing

@Suite struct PlannersPropertyTests {
  static let chains: [Chain] = [
    .uniform(12, tape: 1), .uniform(12, tape: 3), .uniform(25, value: 7, tape: 19),
    .random(9, largest: 9, seed: 1), .random(14, largest: 50, seed: 2),
    .random(20, largest: 9, seed: 3),
  ]

  @Test(arguments: chains.indices)
  func costNeverRisesWithTheBudget(index: Int) throws {
    let chain = Self.chains[index]
    let planner = OptimalChainPlanner(chain, slotCount: 5000)
    let full = ChainSimulationOutcome.full(chain)
    let smallest = planner.smallestBudget
    var previous = Double.infinity
    for budget in stride(
      from: smallest, through: full.peak, by: max(1, (full.peak - smallest) / 60))
    {
      let plan = try planner.plan(budget: budget)
      #expect(plan.cost <= previous)
      #expect(plan.peakByteCount <= budget)
      previous = plan.cost
    }
    #expect(try planner.plan(budget: full.peak).cost == full.cost)
    #expect(try planner.plan(budget: .max).cost == full.cost)
    #expect(throws: ChainBudgetError.self) { try planner.plan(budget: smallest - 1) }
    #expect(throws: ChainBudgetError.self) { try planner.plan(budget: 0) }
  }

  @Test(arguments: chains.indices)
  func neverWorseThanEqualSegmentsAtTheSamePeak(index: Int) throws {
    let chain = Self.chains[index]
    for segments in 1...chain.count {
      let reference = ChainSimulationOutcome.outcome(chain.storingSegments(segments), of: chain)
      let exact = try OptimalChainPlanner(chain, slotCount: 5000).plan(budget: reference.peak)
      #expect(exact.cost <= reference.cost, "\(segments) segments")
      #expect(exact.peakByteCount <= reference.peak)
    }
  }

  @Test(arguments: chains.indices)
  func scalingSizesOrCostsScalesTheAnswer(index: Int) throws {
    let chain = Self.chains[index]
    let planner = OptimalChainPlanner(chain, slotCount: 5000)
    let full = ChainSimulationOutcome.full(chain)
    for factor in [3, 1 << 20] {
      let larger = OptimalChainPlanner(chain.scalingSizes(by: factor), slotCount: 5000)
      #expect(larger.smallestBudget == factor * planner.smallestBudget)
      for budget in [planner.smallestBudget, (planner.smallestBudget + full.peak) / 2] {
        let plan = try planner.plan(budget: budget)
        let scaled = try larger.plan(budget: factor * budget)
        #expect(scaled.cost == plan.cost)
        #expect(scaled.peakByteCount <= factor * budget)
        let dearer = OptimalChainPlanner(chain.scalingCosts(by: 4), slotCount: 5000)
        #expect(try dearer.plan(budget: budget).cost == 4 * plan.cost)
      }
    }
  }

  /// The table of known results for equal stages, one unit each: peak of full storage, and the least
  /// recomputation at the peak of square-root segments.
  @Test func knownResultsOfEqualStages() throws {
    let known = [
      (4, 7, 2, 2, 6, 2), (8, 11, 3, 4, 9, 3), (9, 12, 3, 6, 8, 5), (16, 19, 4, 12, 10, 11),
      (25, 28, 5, 20, 12, 19), (32, 35, 6, 25, 15, 22), (36, 39, 6, 30, 14, 28),
      (50, 53, 7, 42, 17, 39), (64, 67, 8, 56, 18, 53), (100, 103, 10, 90, 22, 87),
    ]
    for (count, fullPeak, segments, recomputed, peak, least) in known {
      let chain = Chain.uniform(count, tape: 1)
      #expect(ChainSimulationOutcome.full(chain).peak == fullPeak)
      let root = ChainSimulationOutcome.outcome(chain.storingSegments(segments), of: chain)
      #expect(root.cost == chain.leastCost + Double(recomputed))
      #expect(root.peak == peak)
      let plan = try OptimalChainPlanner(chain).plan(budget: peak)
      #expect(plan.cost == chain.leastCost + Double(least), "\(count) stages")
    }
  }

  /// When a tape is so large that only one fits, a budget is a number of slots.
  @Test func uniformChainsAgreeWithRevolve() throws {
    var rows = 0
    for row in try UniformRow.all() where row.steps <= 40 {
      let tape = 200
      let chain = Chain.uniform(row.steps, tape: tape, backwardCost: 0)
      // The checkpoints, the value in hand, the tape, and the gradients on both its sides.
      let plan = try OptimalChainPlanner(chain).plan(budget: row.slots + 1 + tape + 2)
      #expect(plan.cost == Double(row.totalForwardSteps), "\(row)")
      rows += 1
    }
    #expect(rows > 200)
  }

  /// Sizes that share no unit are rounded; plans keep to their budget all the same.
  @Test func roundedSizesNeverExceedTheBudget() throws {
    for seed in UInt64(1)...4 {
      let chain = Chain.random(60, largest: 1_000_003, seed: seed)
      let planner = OptimalChainPlanner(chain, slotCount: 100)
      let finer = OptimalChainPlanner(chain, slotCount: 2000)
      let full = ChainSimulationOutcome.full(chain)
      for budget in [planner.smallestBudget, full.peak / 8, full.peak / 3, full.peak - 1] {
        let plan = try planner.plan(budget: budget)
        #expect(plan.peakByteCount <= budget)
        #expect(plan.cost >= full.cost)
        // A hundred units lose at most a few parts in a hundred of what two thousand find.
        if budget > planner.smallestBudget {
          #expect(plan.cost <= 1.05 * (try finer.plan(budget: budget).cost))
        }
      }
      #expect(throws: ChainBudgetError.self) {
        try planner.plan(budget: planner.smallestBudget - 1)
      }
    }
  }

  /// A second way of keeping, leaner and slower, is used when it is worth it.
  @Test func leanTapesAreChosenWhereTheyPay() throws {
    let stage = Chain.Stage(
      inputByteCount: 2, forwardCost: 100, forwardTemporaryByteCount: 0,
      tapes: [
        Chain.Tape(
          byteCount: 10, forwardTemporaryByteCount: 0, backwardTemporaryByteCount: 0,
          backwardCost: 200),
        Chain.Tape(
          byteCount: 5, forwardTemporaryByteCount: 5, backwardTemporaryByteCount: 5,
          backwardCost: 203),
      ])
    let chain = Chain(
      stages: Array(repeating: stage, count: 8),
      loss: Chain.Loss(inputByteCount: 2, temporaryByteCount: 0, cost: 0))
    let full = ChainSimulationOutcome.full(chain)
    let lean = ChainSimulationOutcome.outcome(chain.storingAll(option: 1), of: chain)
    #expect(lean.peak < full.peak && lean.cost == full.cost + 24)
    let planner = OptimalChainPlanner(chain)
    // Each lean tape saves five units: so many are chosen as are needed, and no more.
    for saved in 0...6 {
      let plan = try planner.plan(budget: full.peak - 5 * saved)
      #expect(plan.cost == full.cost + Double(3 * saved), "\(saved) lean tapes")
    }
    #expect(try planner.plan(budget: lean.peak).cost <= lean.cost)
  }

  @Test func thousandStagesArePlanned() throws {
    let chain = Chain.random(1000, largest: 1_000_003, seed: 7)
    let planner = OptimalChainPlanner(chain, slotCount: 500)
    let full = ChainSimulationOutcome.full(chain)
    var plan: ChainPlan?
    let time = try ContinuousClock().measure { plan = try planner.plan(budget: full.peak / 10) }
    let found = try #require(plan)
    print("1000 stages at a tenth: \(found.cost / full.cost) of the cost of full, in \(time)")
    #expect(found.peakByteCount <= full.peak / 10)
    #expect(found.cost < 1.5 * full.cost)
  }

  @Test func simulationRefusesWhatCannotRun() {
    let chain = Chain.uniform(2, tape: 2)
    func reason(_ actions: [ChainAction]) -> String? {
      do {
        _ = try ChainSimulation(actions, of: chain)
        return nil
      } catch {
        return error.reason
      }
    }
    let tape0 = ChainAction.tape(0, option: 0)
    let tape1 = ChainAction.tape(1, option: 0)
    #expect(reason([tape0, tape1, .loss, .backward(1), .backward(0)]) == nil)
    #expect(reason([tape1]) == "value 1 is not there")
    #expect(reason([.advance(2)]) == "there is no stage 2")
    #expect(reason([.tape(0, option: 1)]) == "stage 0 has no tape 1")
    #expect(reason([tape0, tape0]) == "the tape of stage 0 is there already")
    #expect(reason([.checkpoint(0), .checkpoint(0)]) == "value 1 is there already")
    #expect(reason([tape0, .loss]) == "value 2 is not there")
    #expect(reason([tape0, tape1, .loss, .loss]) == "the loss has run already")
    #expect(reason([tape0, .backward(0)]) == "the gradient of value 1 is not there")
    #expect(
      reason([tape0, .advance(1), .loss, .backward(1)]) == "the tape of stage 1 is not there")
    #expect(
      reason([tape0, tape1, .loss, .backward(1)])
        == "the gradient does not reach the first stage")
    #expect(
      reason([.checkpoint(0), tape0, tape1, .loss, .backward(1), .backward(0)]) == nil)
    #expect(
      reason([.checkpoint(0), .checkpoint(1), tape1, tape0, .loss, .backward(1), .backward(0)])
        == nil)
  }
}
