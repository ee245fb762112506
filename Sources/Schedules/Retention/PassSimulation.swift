import Networks

/// What a plan takes and costs, found without making its schedule.
///
/// It follows the rules of `Liveness` and `ScheduleAssembler` and gives the peak of the same
/// forecast, many times faster: planners try thousands of plans. What a planner returns is judged by
/// its schedule all the same.
struct PassSimulation {
  /// What was found.
  struct Outcome {
    /// The highest total of activations, transients and workspace.
    var peakByteCount = 0
    /// What stands over a limit, summed up over the actions.
    var excess = 0.0
    /// The seconds of forward passes that run again, and of writing and reading representations.
    var extraSeconds = 0.0
  }

  private let facts: PassFacts
  /// Whether an item is read by a later pass, while passes are looked at from the last to the first.
  private var isRead: [Bool]
  private var isLive: [Bool]
  /// For each pass, which of what it reads nobody reads later, and which of its products anybody
  /// reads: a bit each. 0 products for a recomputation that nobody needs.
  private var lastReads: [UInt64] = []
  private var products: [UInt64] = []
  private var runs: [Int]
  private var standing = 0
  private var limit = Int.max
  private var outcome = Outcome()

  /// Bits of `products`: that the pass runs at all, that its value is read; residuals and encodings
  /// follow.
  private static let runs: UInt64 = 1
  private static let value: UInt64 = 2
  private static let firstResidual = 2
  private static let firstEncoding = 32

  init(_ facts: PassFacts) {
    self.facts = facts
    isRead = Array(repeating: false, count: facts.itemCount)
    isLive = Array(repeating: false, count: facts.itemCount)
    runs = Array(repeating: 0, count: facts.network.nodes.count)
  }

  /// Follows a plan's passes.
  ///
  /// - Parameters:
  ///   - passes: The passes.
  ///   - readings: How backward passes find what they need.
  ///   - limit: The bytes over which `excess` is counted.
  mutating func outcome(
    of passes: [Plan.Pass], _ readings: Readings, limit: Int = .max
  ) -> Outcome {
    self.limit = limit
    outcome = Outcome()
    standing = 0
    lookAhead(passes, readings)
    for index in runs.indices { runs[index] = 0 }
    for (index, pass) in passes.enumerated() where products[index] != 0 {
      switch pass {
      case .forward(let node): forward(node, index, readings)
      case .backward(let node): backward(node, index, readings)
      }
    }
    return outcome
  }

  // MARK: Who reads what last

  private mutating func lookAhead(_ passes: [Plan.Pass], _ readings: Readings) {
    for index in isRead.indices {
      isRead[index] = false
      isLive[index] = false
    }
    for case .forward(let node) in passes { runs[node] += 1 }
    lastReads.removeAll(keepingCapacity: true)
    products.removeAll(keepingCapacity: true)
    for _ in passes {
      lastReads.append(0)
      products.append(0)
    }
    for index in passes.indices.reversed() {
      switch passes[index] {
      case .forward(let node):
        runs[node] -= 1
        let wanted = takeProducts(node, readings)
        guard wanted != 0 || runs[node] == 0 else { continue }
        products[index] = wanted | Self.runs
        lastReads[index] = read(facts.nodes[node].inputs)
      case .backward(let node):
        products[index] = Self.runs
        lastReads[index] = read(readings.needs[node])
      }
    }
  }

  private mutating func takeProducts(_ node: NodeID, _ readings: Readings) -> UInt64 {
    func take(_ item: Int, _ bit: UInt64) -> UInt64 {
      guard isRead[item] else { return 0 }
      isRead[item] = false
      return bit
    }
    var wanted = take(node, Self.value)
    for (index, residual) in facts.nodes[node].residuals.enumerated() {
      wanted |= take(residual.item, 1 << UInt64(Self.firstResidual + index))
    }
    for (index, encoding) in readings.encodings[node].enumerated() {
      wanted |= take(encoding.item, 1 << UInt64(Self.firstEncoding + index))
    }
    return wanted
  }

  private mutating func read(_ items: [Int]) -> UInt64 {
    var last: UInt64 = 0
    for (position, item) in items.enumerated() where item != Network.input {
      if !isRead[item] { last |= 1 << UInt64(position) }
      isRead[item] = true
    }
    return last
  }

  // MARK: Memory

  private mutating func note(_ scratch: Int) {
    let during = standing + scratch
    outcome.peakByteCount = max(outcome.peakByteCount, during)
    if during > limit { outcome.excess += Double(during - limit) }
  }

  private mutating func create(_ item: Int, byteCount: Int) {
    isLive[item] = true
    standing += byteCount
  }

  private mutating func release(_ item: Int, byteCount: Int) {
    guard isLive[item] else { return }
    isLive[item] = false
    standing -= byteCount
  }

  private mutating func forward(_ node: NodeID, _ index: Int, _ readings: Readings) {
    runs[node] += 1
    let fact = facts.nodes[node]
    guard node != Network.input else { return }
    if runs[node] > 1 { outcome.extraSeconds += facts.costs.forward[node] }
    let wanted = products[index]
    func isDead(_ position: Int, _ last: UInt64) -> Bool {
      isLive[fact.inputs[position]] && last & (1 << UInt64(position)) != 0
    }
    // An input that is given twice is dead if either reading is the last.
    var last = lastReads[index]
    for position in fact.inputs.indices where last & (1 << UInt64(position)) != 0 {
      for other in fact.inputs.indices where fact.inputs[other] == fact.inputs[position] {
        last |= 1 << UInt64(other)
      }
    }
    for (position, residual) in fact.residuals.enumerated() {
      let isWanted = wanted & (1 << UInt64(Self.firstResidual + position)) != 0
      guard isWanted || !residual.isOptional else { continue }
      if let input = residual.overwrites, isDead(input, last) {
        isLive[fact.inputs[input]] = false
        isLive[residual.item] = true
      } else {
        create(residual.item, byteCount: facts.byteCounts[residual.item])
      }
    }
    if !fact.isLoss {
      if let position = fact.overwritable.first(where: { isDead($0, last) }) {
        isLive[fact.inputs[position]] = false
        isLive[node] = true
      } else {
        create(node, byteCount: facts.byteCounts[node])
      }
    }
    note(fact.forwardScratch)
    for (position, encoding) in readings.encodings[node].enumerated()
    where wanted & (1 << UInt64(Self.firstEncoding + position)) != 0 {
      create(encoding.item, byteCount: encoding.byteCount)
      outcome.extraSeconds += encoding.seconds
      note(encoding.scratch)
    }
    for (position, input) in fact.inputs.enumerated() where isDead(position, last) {
      release(input, byteCount: facts.byteCounts[input])
    }
    for (position, residual) in fact.residuals.enumerated()
    where wanted & (1 << UInt64(Self.firstResidual + position)) == 0 {
      release(residual.item, byteCount: facts.byteCounts[residual.item])
    }
    if wanted & Self.value == 0 { release(node, byteCount: facts.byteCounts[node]) }
  }

  private mutating func backward(_ node: NodeID, _ index: Int, _ readings: Readings) {
    let fact = facts.nodes[node]
    let needs = readings.needs[node]
    var decoded: [NodeID] = []
    for item in needs {
      let value = readings.decodes[item]
      guard value >= 0, !isLive[value] else { continue }
      create(value, byteCount: facts.byteCounts[value])
      outcome.extraSeconds += readings.encodings[value].first { $0.item == item }?.seconds ?? 0
      note(0)
      decoded.append(value)
    }
    let own = facts.gradient(node)
    for input in fact.gradientInputs where !isLive[facts.gradient(input)] {
      let gradient = facts.gradient(input)
      switch source(of: fact.gradientStorage, node, index, needs) {
      case nil: create(gradient, byteCount: facts.byteCounts[gradient])
      case let source?:
        isLive[source] = false
        isLive[gradient] = true
      }
    }
    note(readings.scratch[node])
    for value in decoded { release(value, byteCount: facts.byteCounts[value]) }
    release(own, byteCount: facts.byteCounts[own])
    for (position, item) in needs.enumerated()
    where lastReads[index] & (1 << UInt64(position)) != 0 {
      release(item, byteCount: readings.byteCounts[item])
    }
  }

  /// The memory that a gradient takes over, if any.
  private func source(
    of storage: GradientStorage, _ node: NodeID, _ index: Int, _ needs: [Int]
  ) -> Int? {
    switch storage {
    case .none: return nil
    case .outputGradient:
      let gradient = facts.gradient(node)
      return isLive[gradient] ? gradient : nil
    case .ownResidual(let residual):
      let item = facts.nodes[node].residuals[residual].item
      let isLast = needs.indices.contains {
        needs[$0] == item && lastReads[index] & (1 << UInt64($0)) != 0
      }
      return isLive[item] && isLast ? item : nil
    }
  }
}
