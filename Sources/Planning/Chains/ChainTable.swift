/// The least costs of all parts of a chain for all amounts of memory, by the dynamic programme of
/// Beaumont and others (RR-9302, theorem 1) in its refined form: at the peak of full storage it
/// costs what full storage costs.
///
/// C(s, l, m) is the least cost of running stages s to l forward and backward with m units of
/// memory besides value s, when the gradient of value l + 1 comes from behind:
///
///     C(i, i, m) = uf_i + ub_i                                            if m ≥ tape need (i, i)
///     C(s, l, m) = min( min_k uf_s + ub_s + C(s+1, l, m − A_{s+1})        if m ≥ tape need (s, l)
///                       min_j Σ_{s≤k<j} uf_k + C(j, l, m − a_j) + C(s, j−1, m)
///                                                                         if m ≥ advance need )
///
/// The first alternative keeps a tape of stage s (one of several, k), the second a checkpoint at s
/// and runs on to stage j. All plans are persistent: a checkpoint stays until its own backward pass.
/// Costs are single precision: exact for whole numbers up to 2²⁴.
struct ChainTable {
  private let chain: Chain
  private let sizes: ChainSizes
  private let intervals: ChainIntervals
  /// Σ uf over the stages before each.
  private let forwardCosts: [Double]
  /// The costs of the parts, by first stage and position among those that begin there.
  private var parts: [[ChainCosts]]

  /// Fills the table.
  ///
  /// - Parameters:
  ///   - chain: The chain.
  ///   - sizes: Its sizes in units.
  ///   - capacity: The most memory that is asked for, in units, value 0 included.
  /// - Complexity: O(L³ · `capacity`) for short chains and about O(L² · `capacity`) for long ones.
  init(_ chain: Chain, sizes: ChainSizes, capacity: Int) {
    self.chain = chain
    self.sizes = sizes
    intervals = ChainIntervals(count: chain.count)
    var forwardCosts = [0.0]
    for stage in chain.stages { forwardCosts.append((forwardCosts.last ?? 0) + stage.forwardCost) }
    self.forwardCosts = forwardCosts
    parts = [[ChainCosts]](repeating: [], count: chain.count + 1)
    fill(capacity: max(0, capacity - sizes.values[0]))
  }

  private mutating func fill(capacity: Int) {
    var builder = ChainCostsBuilder(capacity: capacity)
    // What keeping all first tapes takes, by last stage.
    var fullNeeds = [Int](repeating: 0, count: chain.count + 1)
    for start in (0...chain.count).reversed() {
      var advanceNeed = AdvanceNeed(sizes, start: start)
      for last in start...chain.count where start < chain.count {
        let tape = sizes.needOfTape(start, 0, last: last)
        fullNeeds[last] =
          last == start ? tape : max(tape, sizes.tapes[start][0] + fullNeeds[last])
      }
      if start == chain.count {
        fullNeeds[start] = sizes.values[start] + sizes.lossTemporary
      }
      for last in intervals.lasts(from: start) {
        builder.begin(saturation: fullNeeds[last])
        for alternative in alternatives(start, last, advanceNeed: advanceNeed.upTo(last)) {
          offer(alternative, start, last, to: &builder)
        }
        parts[start].append(builder.finish())
      }
    }
  }

  /// The least cost with so many units, value 0 included; infinite if they are not enough.
  func cost(memory: Int) -> Float {
    part(0, chain.count).cost(memory: memory - sizes.values[0])
  }

  private func part(_ start: Int, _ last: Int) -> ChainCosts {
    guard let position = intervals.position(start: start, last: last),
      position < parts[start].count
    else { return ChainCosts() }
    return parts[start][position]
  }
}

// MARK: - Alternatives

extension ChainTable {
  /// One way to begin a part.
  private struct Alternative {
    enum Kind {
      case end(option: Int)
      case tape(option: Int)
      case checkpoint(cut: Int)
    }

    let kind: Kind
    /// What it costs besides the parts that follow.
    let cost: Float
    /// The least memory that its first stages take.
    let least: Int
  }

  private func alternatives(_ start: Int, _ last: Int, advanceNeed: Int) -> [Alternative] {
    guard start < chain.count else {
      let need = sizes.values[start] + sizes.lossTemporary
      return [Alternative(kind: .end(option: 0), cost: Float(chain.loss.cost), least: need)]
    }
    let stage = chain.stages[start]
    var found = stage.tapes.indices.map { option in
      Alternative(
        kind: start == last ? .end(option: option) : .tape(option: option),
        cost: Float(stage.forwardCost + stage.tapes[option].backwardCost),
        least: sizes.needOfTape(start, option, last: last))
    }
    for cut in intervals.cuts(start: start, last: last) {
      found.append(
        Alternative(
          kind: .checkpoint(cut: cut), cost: Float(forwardCosts[cut] - forwardCosts[start]),
          least: advanceNeed))
    }
    return found
  }

  private func offer(
    _ alternative: Alternative, _ start: Int, _ last: Int, to builder: inout ChainCostsBuilder
  ) {
    switch alternative.kind {
    case .end:
      builder.offer(alternative.cost, least: alternative.least)
    case .tape(let option):
      builder.offer(
        alternative.cost, then: part(start + 1, last), reserved: sizes.tapes[start][option],
        least: alternative.least)
    case .checkpoint(let cut):
      builder.offer(
        alternative.cost, part(cut, last), reserved: sizes.values[cut], part(start, cut - 1),
        least: alternative.least)
    }
  }

  private func cost(_ alternative: Alternative, _ start: Int, _ last: Int, memory: Int) -> Float {
    guard memory >= alternative.least else { return .infinity }
    switch alternative.kind {
    case .end:
      return alternative.cost
    case .tape(let option):
      let rest = part(start + 1, last)
      return alternative.cost + rest.cost(memory: memory - sizes.tapes[start][option])
    case .checkpoint(let cut):
      return alternative.cost + part(cut, last).cost(memory: memory - sizes.values[cut])
        + part(start, cut - 1).cost(memory: memory)
    }
  }
}

// MARK: - Plans

extension ChainTable {
  /// The costs that can be had, the lowest first, each with the least memory that it takes, in
  /// units, value 0 included.
  var levels: [(cost: Float, memory: Int)] {
    let whole = part(0, chain.count)
    var levels: [(cost: Float, memory: Int)] = []
    for (index, cost) in whole.costs.enumerated().reversed() {
      if index == 0 || whole.costs[index - 1] > cost {
        levels.append((cost, whole.first + index + sizes.values[0]))
      }
    }
    return levels
  }

  private enum Pending {
    case part(start: Int, last: Int, memory: Int)
    case backward(Int)
  }

  /// The actions of a cheapest plan with so many units, value 0 included; nil if they are not
  /// enough.
  func actions(memory: Int) -> [ChainAction]? {
    guard cost(memory: memory) < .infinity else { return nil }
    var actions: [ChainAction] = []
    var pending = [Pending.part(start: 0, last: chain.count, memory: memory - sizes.values[0])]
    while let next = pending.popLast() {
      switch next {
      case .backward(let stage):
        actions.append(.backward(stage))
      case .part(let start, let last, let memory):
        begin(start, last, memory, &actions, &pending)
      }
    }
    return actions
  }

  private func begin(
    _ start: Int, _ last: Int, _ memory: Int, _ actions: inout [ChainAction],
    _ pending: inout [Pending]
  ) {
    var advanceNeed = AdvanceNeed(sizes, start: start)
    let options = alternatives(start, last, advanceNeed: advanceNeed.upTo(last))
    let best = options.min {
      cost($0, start, last, memory: memory) < cost($1, start, last, memory: memory)
    }
    switch best?.kind {
    case .end(let option)? where start < chain.count:
      actions += [.tape(start, option: option), .backward(start)]
    case .end?:
      actions.append(.loss)
    case .tape(let option)?:
      actions.append(.tape(start, option: option))
      pending.append(.backward(start))
      pending.append(
        .part(start: start + 1, last: last, memory: memory - sizes.tapes[start][option]))
    case .checkpoint(let cut)?:
      actions.append(.checkpoint(start))
      actions += (start + 1..<cut).map { .advance($0) }
      pending.append(.part(start: start, last: cut - 1, memory: memory))
      pending.append(.part(start: cut, last: last, memory: memory - sizes.values[cut]))
    case nil:
      preconditionFailure("the table holds a cost for this part, so that it can begin")
    }
  }
}

/// What running forward from a checkpoint takes, up to before the last stage of a part.
struct AdvanceNeed {
  private let sizes: ChainSizes
  private let start: Int
  private var next: Int
  /// max over the stages strictly between `start` and `next` of input, output and temporary.
  private var between = 0

  init(_ sizes: ChainSizes, start: Int) {
    self.sizes = sizes
    self.start = start
    next = start + 1
  }

  /// The memory besides value `start`, for a part that ends with `last`; ask in ascending order.
  mutating func upTo(_ last: Int) -> Int {
    guard start < sizes.count else { return 0 }
    while next < last {
      between = max(
        between, sizes.values[next] + sizes.values[next + 1] + sizes.advanceTemporaries[next])
      next += 1
    }
    return max(sizes.needOfAdvance(start, last: last), sizes.values[last + 1] + between)
  }
}
