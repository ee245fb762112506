/// Checkpointing of a chain of equal steps whose slots hold either the value that a step starts
/// from or a step's tape, of the same size (Maddison 2024, doi 10.1016/j.jocs.2024.102405).
///
/// The tape of the step that is reversed next is in hand and takes no slot.
package struct MixedCheckpointing: Sendable {
  private let steps: Int
  private let slots: Int
  /// T(n, s) in `totals[s][n]`: the least number of forward runs.
  private let totals: [[Int]]

  /// Finds the least numbers of forward runs.
  ///
  /// - Parameters:
  ///   - steps: At least 1.
  ///   - slots: At least 1; more than `steps` − 1 are of no use.
  /// - Complexity: O(`steps`² · `slots`) time, O(`steps` · `slots`) memory.
  package init(steps: Int, slots: Int) {
    precondition(steps >= 1 && slots >= 1, "a chain has a step and a slot")
    self.steps = steps
    self.slots = max(1, min(slots, steps - 1))
    var totals = [[Int](repeating: 0, count: steps + 1)]
    totals[0][1] = 1
    for slots in 1...self.slots {
      totals.append(MixedCheckpointing.row(slots: slots, steps: steps, previous: totals[slots - 1]))
    }
    self.totals = totals
  }

  private static func row(slots: Int, steps: Int, previous: [Int]) -> [Int] {
    var row = [Int](repeating: 0, count: steps + 1)
    for count in 1...steps {
      if count <= slots + 1 {
        row[count] = count
      } else if slots == 1 {
        row[count] = count * (count + 1) / 2 - 1
      } else {
        var best = 1 + previous[count - 1]
        for split in 2..<count { best = min(best, split + row[split] + previous[count - split]) }
        row[count] = best
      }
    }
    return row
  }

  /// The least number of forward runs, taped ones included.
  package var totalForwardSteps: Int { totals[slots][steps] }

  /// The actions of a schedule with that many forward runs.
  package func schedule() -> [ChainAction] {
    var actions: [ChainAction] = []
    reverse(0, steps, slots, &actions)
    return actions
  }

  private func reverse(
    _ start: Int, _ count: Int, _ slots: Int, _ actions: inout [ChainAction]
  ) {
    var count = count
    // The steps whose tapes wait in slots, to be reversed when those behind them are.
    while count > slots + 1 {
      let split = bestSplit(count, slots)
      guard let split else {
        actions.append(.tape(start, option: 0))
        reverse(start + 1, count - 1, slots - 1, &actions)
        actions.append(.backward(start))
        return
      }
      actions.append(.checkpoint(start))
      actions += (start + 1..<start + split).map { .advance($0) }
      reverse(start + split, count - split, slots - 1, &actions)
      count = split
    }
    let taped = start..<start + count
    actions += taped.map { .tape($0, option: 0) }
    if start + count == steps { actions.append(.loss) }
    actions += taped.reversed().map { .backward($0) }
  }

  /// Where to put the next checkpoint; nil to keep the first step's tape instead.
  private func bestSplit(_ count: Int, _ slots: Int) -> Int? {
    if slots == 1 { return count - 1 }
    let total = totals[slots][count]
    if total == 1 + totals[slots - 1][count - 1] { return nil }
    return (2..<count).first { total == $0 + totals[slots][$0] + totals[slots - 1][count - $0] }
  }
}
