/// The least memory that each part of a chain can run with, exactly and without a table over memory.
///
/// F(s, l), the least m for which C(s, l, m) of `ChainTable` is finite, follows from the same
/// recurrence.
struct SmallestChainPlan {
  private let chain: Chain
  private let sizes: ChainSizes
  /// F(s, l) in `needs[l][s]`.
  private var needs: [[Int]]

  /// Finds the least memory of all parts.
  ///
  /// - Complexity: O(L³) time, O(L²) memory.
  init(_ chain: Chain) {
    self.chain = chain
    sizes = ChainSizes(chain, unit: 1)
    needs = [[Int]](repeating: [Int](repeating: 0, count: chain.count + 1), count: chain.count + 1)
    for start in (0...chain.count).reversed() {
      // The needs of the parts that begin here, by last stage.
      var own = [Int](repeating: 0, count: chain.count + 1)
      var advance = AdvanceNeed(sizes, start: start)
      for last in start...chain.count {
        var least = leastWithTape(start, last).need
        if start < last {
          least = min(least, max(leastCut(start, last, own: own).need, advance.upTo(last)))
        }
        own[last] = least
        needs[last][start] = least
      }
    }
  }

  /// The smallest budget with which the chain can run.
  var budget: Int { needs[chain.count][0] + sizes.values[0] }

  private func leastWithTape(_ start: Int, _ last: Int) -> (option: Int, need: Int) {
    guard start < chain.count else { return (0, sizes.values[start] + sizes.lossTemporary) }
    var best = (option: 0, need: Int.max)
    for option in chain.stages[start].tapes.indices {
      let rest = start < last ? sizes.tapes[start][option] + needs[last][start + 1] : 0
      let need = max(sizes.needOfTape(start, option, last: last), rest)
      if need < best.need { best = (option, need) }
    }
    return best
  }

  /// Where to cut so that neither side needs more than it must, besides the way to the cut.
  private func leastCut(_ start: Int, _ last: Int, own: [Int]) -> (cut: Int, need: Int) {
    var best = (cut: last, need: Int.max)
    let seconds = needs[last]
    for cut in start + 1...last {
      let need = max(sizes.values[cut] + seconds[cut], own[cut - 1])
      if need < best.need { best = (cut, need) }
    }
    return best
  }

  /// Actions that need no more than the smallest budget.
  func actions() -> [ChainAction] {
    var actions: [ChainAction] = []
    add(0, chain.count, to: &actions)
    return actions
  }

  private func add(_ start: Int, _ last: Int, to actions: inout [ChainAction]) {
    guard start < chain.count else {
      actions.append(.loss)
      return
    }
    let tape = leastWithTape(start, last)
    if tape.need <= needs[last][start] {
      actions.append(.tape(start, option: tape.option))
      if start < last { add(start + 1, last, to: &actions) }
      actions.append(.backward(start))
    } else {
      let own = (0...last).map { $0 < start ? 0 : needs[$0][start] }
      let cut = leastCut(start, last, own: own).cut
      actions.append(.checkpoint(start))
      actions += (start + 1..<cut).map { .advance($0) }
      add(cut, last, to: &actions)
      add(start, cut - 1, to: &actions)
    }
  }
}
