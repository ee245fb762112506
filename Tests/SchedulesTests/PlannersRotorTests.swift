import Planning
import Testing

@Suite struct PlannersRotorTests {
  @Test func simulationGivesListedCostsAndPeaks() throws {
    var sequences = 0
    for rotor in try RotorCase.all() {
      for budget in rotor.budgets {
        let refined = try ChainSimulation(budget.refinedActions, of: rotor.chain)
        #expect(refined.cost == budget.refined, "\(rotor.name) at \(budget.bytes)")
        #expect(refined.peakByteCount == budget.refinedPeak, "\(rotor.name) at \(budget.bytes)")
        let original = try ChainSimulation(budget.rotorActions, of: rotor.chain)
        #expect(original.cost == budget.rotorCost, "\(rotor.name) at \(budget.bytes)")
        #expect(original.peakByteCount == budget.rotorPeak, "\(rotor.name) at \(budget.bytes)")
        sequences += 2
      }
    }
    print("rotor_cases.json: \(sequences) sequences simulated")
    #expect(sequences > 300)
  }

  @Test func referenceSchedulesCostWhatIsListed() throws {
    let cases = try RotorCase.all()
    for rotor in cases {
      let full = try ChainSimulation(rotor.chain.storingAll(), of: rotor.chain)
      #expect(full.cost == rotor.fullCost)
      #expect(full.peakByteCount == rotor.fullPeak)
      #expect(rotor.chain.leastCost == rotor.fullCost)
      let naive = ChainSimulationOutcome.outcome(naiveSchedule(of: rotor.chain), of: rotor.chain)
      // The listed one runs the first stage once more before its last action, to no end.
      #expect(naive.cost + rotor.chain.stages[0].forwardCost == rotor.naiveCost)
      #expect(naive.peak <= rotor.naivePeak)
    }
    #expect(cases.count >= 21)
  }

  /// Every backward pass after running forward from the very beginning.
  private func naiveSchedule(of chain: Chain) -> [ChainAction] {
    (0...chain.count).reversed().flatMap { last -> [ChainAction] in
      let advances = (1..<max(1, last)).map { ChainAction.advance($0) }
      let end: [ChainAction] =
        last == chain.count ? [.loss] : [.tape(last, option: 0), .backward(last)]
      return (last > 0 ? [.checkpoint(0)] : []) + advances + end
    }
  }

  @Test func planCostsTheRefinedOptimumAtEveryBudget() throws {
    var points = 0
    for rotor in try RotorCase.all() {
      let planner = OptimalChainPlanner(rotor.chain)
      #expect(planner.smallestBudget == rotor.smallestBudget, "\(rotor.name)")
      for budget in rotor.budgets {
        let plan = try planner.plan(budget: budget.bytes)
        #expect(plan.cost == budget.refined, "\(rotor.name) at \(budget.bytes)")
        #expect(plan.cost >= budget.exact)
        #expect(plan.peakByteCount <= budget.bytes, "\(rotor.name) at \(budget.bytes)")
        points += 1
      }
      let tooSmall = rotor.smallestBudget - 1
      let refusal = #expect(throws: ChainBudgetError.self) {
        try planner.plan(budget: tooSmall)
      }
      #expect(refusal?.budget == tooSmall)
      #expect(refusal?.smallestBudget == rotor.smallestBudget)
    }
    print("rotor_cases.json: \(points) budgets planned")
    #expect(points > 150)
  }

  @Test func exhaustiveSearchGivesTheExactOptimum() throws {
    var points = 0
    for rotor in try RotorCase.all() where rotor.chain.count <= 5 {
      let search = ExhaustiveSearch(rotor.chain)
      for budget in rotor.budgets {
        #expect(
          search.leastCost(budget: budget.bytes) == budget.exact,
          "\(rotor.name) at \(budget.bytes)")
        points += 1
      }
      #expect(search.leastCost(budget: rotor.smallestBudget - 1) == nil)
    }
    #expect(points > 50)
  }

  /// On random chains the plan is the best of all schedules, but for the few points where only a
  /// schedule that drops a checkpoint before its own backward pass is better.
  @Test func planAgreesWithExhaustiveSearchOnRandomChains() throws {
    var points = 0
    var gaps = 0
    for seed in UInt64(0)..<40 {
      let chain = Chain.random(2 + Int(seed % 4), seed: seed)
      let planner = OptimalChainPlanner(chain)
      let search = ExhaustiveSearch(chain)
      let full = ChainSimulationOutcome.full(chain)
      #expect(search.leastCost(budget: planner.smallestBudget - 1) == nil, "seed \(seed)")
      let span = full.peak - planner.smallestBudget
      for budget in stride(from: planner.smallestBudget, through: full.peak, by: max(1, span / 6)) {
        let plan = try planner.plan(budget: budget)
        let exact = try #require(search.leastCost(budget: budget))
        #expect(plan.cost >= exact, "seed \(seed) at \(budget)")
        #expect(plan.peakByteCount <= budget, "seed \(seed) at \(budget)")
        points += 1
        if plan.cost > exact { gaps += 1 }
      }
    }
    print("random chains: \(points) budgets, at \(gaps) only a not persistent schedule is best")
    #expect(points > 150)
    #expect(gaps * 50 <= points)
  }
}

/// Cost and peak of a reference schedule that is known to run.
struct ChainSimulationOutcome {
  let cost: Double
  let peak: Int

  static func full(_ chain: Chain) -> ChainSimulationOutcome {
    outcome(chain.storingAll(), of: chain)
  }

  static func outcome(_ actions: [ChainAction], of chain: Chain) -> ChainSimulationOutcome {
    do {
      let simulation = try ChainSimulation(actions, of: chain)
      return ChainSimulationOutcome(cost: simulation.cost, peak: simulation.peakByteCount)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
