/// A budget below what a chain takes at the least.
package struct ChainBudgetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The budget.
  package let budget: Int
  /// The smallest budget with which the chain can run.
  package let smallestBudget: Int

  /// One sentence.
  package var description: String {
    "a budget of \(budget) is below \(smallestBudget), the least that the chain takes"
  }
}

/// Actions of a chain, with what they cost and take.
package struct ChainPlan: Hashable, Sendable {
  /// The actions in order.
  package let actions: [ChainAction]
  /// The cost of all passes.
  package let cost: Double
  /// The most memory that stands during an action.
  package let peakByteCount: Int

  /// Follows actions that are known to be well formed.
  init(_ actions: [ChainAction], of chain: Chain) {
    do {
      let simulation = try ChainSimulation(actions, of: chain)
      self.actions = actions
      cost = simulation.cost
      peakByteCount = simulation.peakByteCount
    } catch {
      preconditionFailure("a planner makes schedules that run: \(error)")
    }
  }
}

/// Finds the cheapest persistent schedule of a chain under a budget.
///
/// The sizes are divided by a unit, so that the budget has at most `slotCount` of them, unless a
/// common divisor of all sizes will do. With a unit that is a common divisor, and up to
/// `ChainIntervals.exactCount` stages, a plan is the best there is in the model. Else every plan is
/// followed with the true sizes and never exceeds the budget; four times as many units, or all parts
/// of a chain of 250 stages instead of some, lowered costs by less than 1 %.
package struct OptimalChainPlanner: Sendable {
  /// The chain.
  package let chain: Chain
  private let slotCount: Int

  /// Prepares to plan a chain.
  ///
  /// - Parameters:
  ///   - chain: The chain.
  ///   - slotCount: The most units that a budget is divided into; four a stage, but from 500 to 4000,
  ///     unless told otherwise.
  package init(_ chain: Chain, slotCount: Int? = nil) {
    precondition(slotCount ?? 1 > 0, "a budget has a unit")
    self.chain = chain
    self.slotCount = slotCount ?? max(500, min(4 * chain.count, 4000))
  }

  /// The smallest budget with which the chain can run.
  ///
  /// - Complexity: O(L³).
  package var smallestBudget: Int { SmallestChainPlan(chain).budget }

  /// The cheapest plan that was found.
  ///
  /// - Throws: `ChainBudgetError` if nothing fits.
  package func plan(budget: Int) throws(ChainBudgetError) -> ChainPlan {
    let full = ChainPlan(chain.storingAll(), of: chain)
    if full.peakByteCount <= budget { return full }
    let candidates = [tablePlan(budget: budget), segmentPlan(budget: budget)].compactMap(\.self)
    if let best = candidates.min(by: { $0.cost < $1.cost }) { return best }
    let smallest = SmallestChainPlan(chain)
    guard smallest.budget <= budget else {
      throw ChainBudgetError(budget: budget, smallestBudget: smallest.budget)
    }
    return ChainPlan(smallest.actions(), of: chain)
  }

  private func tablePlan(budget: Int) -> ChainPlan? {
    guard budget > 0 else { return nil }
    let common = chain.commonUnit
    let isExact = budget / common <= slotCount
    let unit = isExact ? common : (budget + slotCount - 1) / slotCount
    let table = ChainTable(
      chain, sizes: ChainSizes(chain, unit: unit), capacity: budget / unit)
    let levels = table.levels
    return cheapest(of: levels.count, budget: budget) { index in
      table.actions(memory: levels[index].memory).map { ChainPlan($0, of: chain) }
    }
  }

  /// The cheapest plan that fits, of plans in the order of their cost, whose peaks fall on the whole.
  private func cheapest(
    of count: Int, budget: Int, plan: (Int) -> ChainPlan?
  ) -> ChainPlan? {
    var low = 0
    var high = count
    var best: ChainPlan?
    while low < high {
      let middle = (low + high) / 2
      if let found = plan(middle), found.peakByteCount <= budget {
        best = found
        high = middle
      } else {
        low = middle + 1
      }
    }
    // Peaks do not fall from each to the next: some cheaper ones may fit as well.
    for index in max(0, low - 8)..<low {
      if let found = plan(index), found.peakByteCount <= budget { return found }
    }
    return best
  }

  /// The cheapest division into equal segments that fits.
  private func segmentPlan(budget: Int) -> ChainPlan? {
    chain.usefulSegmentCounts.lazy.map { ChainPlan(chain.storingSegments($0), of: chain) }
      .filter { $0.peakByteCount <= budget }
      .min { $0.cost < $1.cost }
  }
}
