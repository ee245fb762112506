import Planning

/// The cheapest way through all states of memory that a chain of a few stages can be in.
///
/// It knows the actions and their rules from the text of RR-9302, and shares no code with planners
/// or simulation; schedules need not be persistent.
struct ExhaustiveSearch {
  private struct State: Hashable {
    /// Bit i: value i is there by itself.
    var values = 1
    /// Bit i: stage i's tape, which holds value i + 1, is there.
    var tapes = 0
    /// The value whose gradient is there; −1 if none is.
    var gradient = -1
  }

  private let stages: [Chain.Stage]
  private let sizes: [Int]
  private let loss: Chain.Loss

  /// - Parameter chain: Only the first tape of each stage is used.
  init(_ chain: Chain) {
    stages = chain.stages
    sizes = chain.stages.map(\.inputByteCount) + [chain.loss.inputByteCount]
    loss = chain.loss
  }

  /// The least cost, which must be whole; nil if nothing fits the budget.
  func leastCost(budget: Int) -> Double? {
    // Dijkstra's algorithm with a list of states for each cost.
    var queue: [[State]] = [[State()]]
    var settled = Set<State>()
    var cost = 0
    while cost < queue.count {
      while let state = queue[cost].popLast() {
        guard settled.insert(state).inserted else { continue }
        if state.gradient == 0 { return Double(cost) }
        for (next, price) in steps(from: state, budget: budget) where !settled.contains(next) {
          let total = cost + Int(price)
          while queue.count <= total { queue.append([]) }
          queue[total].append(next)
        }
      }
      cost += 1
    }
    return nil
  }

  private func has(_ bits: Int, _ index: Int) -> Bool { bits & (1 << index) != 0 }

  private func standing(_ state: State) -> Int {
    var sum = state.gradient >= 0 ? sizes[state.gradient] : 0
    for (index, size) in sizes.enumerated() where has(state.values, index) { sum += size }
    for (index, stage) in stages.enumerated() where has(state.tapes, index) {
      sum += stage.tapes[0].byteCount
    }
    return sum
  }

  private func steps(from state: State, budget: Int) -> [(State, Double)] {
    var found: [(State, Double)] = []
    let before = standing(state)
    func isReadable(_ value: Int) -> Bool {
      has(state.values, value) || (value > 0 && has(state.tapes, value - 1))
    }
    for (index, stage) in stages.enumerated() where isReadable(index) {
      let tape = stage.tapes[0]
      if !has(state.tapes, index),
        before + tape.byteCount + tape.forwardTemporaryByteCount <= budget
      {
        var next = state
        next.tapes |= 1 << index
        found.append((next, stage.forwardCost))
      }
      if !has(state.values, index + 1),
        before + sizes[index + 1] + stage.forwardTemporaryByteCount <= budget
      {
        var next = state
        next.values |= 1 << (index + 1)
        found.append((next, stage.forwardCost))
        if index > 0 {
          next.values &= ~(1 << index)
          found.append((next, stage.forwardCost))
        }
      }
      if state.gradient == index + 1, has(state.tapes, index),
        before + sizes[index] + tape.backwardTemporaryByteCount <= budget
      {
        var next = state
        next.gradient = index
        next.tapes &= ~(1 << index)
        next.values &= ~(1 << index)
        found.append((next, tape.backwardCost))
      }
    }
    let last = stages.count
    if state.gradient < 0, isReadable(last),
      before + sizes[last] + loss.temporaryByteCount <= budget
    {
      var next = state
      next.gradient = last
      next.values &= ~(1 << last)
      found.append((next, loss.cost))
    }
    return found
  }
}
