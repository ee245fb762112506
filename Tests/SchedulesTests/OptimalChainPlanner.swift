@testable import Planning

/// A budget below what a chain takes at the least.
struct ChainBudgetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The budget.
  let budget: Int
  /// The smallest budget with which the chain can run.
  let smallestBudget: Int

  /// One sentence.
  var description: String {
    "a budget of \(budget) is below \(smallestBudget), the least that the chain takes"
  }
}

/// Finds the cheapest persistent schedule of a chain under a budget, as `StepPlanner` does from the same
/// tables for whole networks: what is proved of chains is proved with it.
///
/// The sizes are divided by a unit, so that the budget has at most `slotCount` of them, unless a
/// common divisor of all sizes will do. With a unit that is a common divisor, and up to
/// `ChainIntervals.exactCount` stages, a plan is the best there is in the model. Else every plan is
/// followed with the true sizes and never exceeds the budget; four times as many units, or all parts
/// of a chain of 250 stages instead of some, lowered costs by less than 1 %.
struct OptimalChainPlanner: Sendable {
  /// The chain.
  let chain: Chain
  private let slotCount: Int

  /// Prepares to plan a chain.
  ///
  /// - Parameters:
  ///   - chain: The chain.
  ///   - slotCount: The most units that a budget is divided into; four a stage, but from 500 to 4000,
  ///     unless told otherwise.
  init(_ chain: Chain, slotCount: Int? = nil) {
    precondition(slotCount ?? 1 > 0, "a budget has a unit")
    self.chain = chain
    self.slotCount = slotCount ?? max(500, min(4 * chain.count, 4000))
  }

  /// The smallest budget with which the chain can run.
  ///
  /// - Complexity: O(L³).
  var smallestBudget: Int { SmallestChainPlan(chain).budget }

  /// The cheapest plan that was found.
  ///
  /// - Throws: `ChainBudgetError` if nothing fits.
  func plan(budget: Int) throws(ChainBudgetError) -> ChainPlan {
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

extension Chain {
  /// Divides the chain into equal segments and runs all but the last a second time.
  ///
  /// There are from 1 to L segments, of L divided by their number, rounded down; the last takes the
  /// stages that are left over (Chen and others 2016, arXiv 1604.06174, section 4).
  func storingSegments(_ segmentCount: Int) -> [ChainAction] {
    precondition((1...max(1, count)).contains(segmentCount), "from 1 to \(count) segments")
    let length = count / segmentCount
    let last = length * (segmentCount - 1)
    var actions = (0..<last).map { stage -> ChainAction in
      stage % length == 0 ? .checkpoint(stage) : .advance(stage)
    }
    actions += segment(last..<count, end: [.loss])
    for start in stride(from: last - length, through: 0, by: -max(1, length)) {
      actions += segment(start..<start + length, end: [])
    }
    return actions
  }

  /// The numbers of segments worth trying: all of them for a short chain, or all that differ much.
  var usefulSegmentCounts: [Int] {
    Set((1...max(1, count)).map { count / max(1, count / $0) }).sorted()
  }

  private func segment(_ stages: Range<Int>, end: [ChainAction]) -> [ChainAction] {
    stages.map { .tape($0, option: 0) } + end + stages.reversed().map { .backward($0) }
  }

  /// The greatest unit that all sizes are multiples of; 1 if all are 0.
  var commonUnit: Int {
    let sizes = stages.flatMap { stage in
      [stage.inputByteCount, stage.forwardTemporaryByteCount]
        + stage.tapes.flatMap {
          [$0.byteCount, $0.forwardTemporaryByteCount, $0.backwardTemporaryByteCount]
        }
    }
    return max(
      1, (sizes + [loss.inputByteCount, loss.temporaryByteCount]).reduce(0, greatestCommonDivisor))
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}
