import Networks
import Schedules

/// How a value gets from the forward pass to the backward passes that read it.
enum Retention: Hashable, Sendable {
  /// It waits whole, once for all its readers.
  case kept
  /// It is computed anew when it is first asked for, and then waits until its last reader.
  case remade
  /// It is computed anew when a backward pass reads it, and before, each time that something else
  /// is computed anew from it, for that alone.
  case remadeEachTime
  /// It is recovered, up to rounding, from a value that is there when it is first asked for; computed
  /// anew as `remade` is where that value is not there either.
  case inverted
  /// Readers of signs find a mask; other readers find this representation.
  case reduced(Representation?)

  /// Whether it is whole when it is read.
  var isWhole: Bool {
    switch self {
    case .kept, .remade, .remadeEachTime, .inverted: true
    case .reduced: false
    }
  }
}

/// How all values of a network are retained.
struct RetentionPlan {
  private let facts: PlanningFacts
  private(set) var retentions: [Retention]
  /// The needs of backward passes for each value: the node, and the position among its needs.
  private let needs: [[(node: NodeID, need: Int)]]

  /// Keeps everything that a backward pass reads, in the representations given.
  init(_ facts: PlanningFacts, _ representations: [[Representation]]) {
    self.facts = facts
    let network = facts.network
    var needs = [[(node: NodeID, need: Int)]](repeating: [], count: network.nodes.count)
    for (node, reads) in network.residualReads.enumerated() {
      for (index, read) in reads.enumerated() {
        if let value = read.value { needs[value].append((node, index)) }
      }
    }
    self.needs = needs
    retentions = network.nodes.indices.map { value in
      let waits = needs[value].map { representations[$0.node][$0.need] }
      if waits.contains(.whole) { return .kept }
      // What nobody reads is made anew where something else needs it for that.
      return waits.isEmpty ? .remadeEachTime : .reduced(waits.first { $0 != .signMask })
    }
  }

  /// The values that some backward pass reads, the input left out.
  var readValues: [NodeID] {
    needs.indices.filter { $0 != Network.input && !needs[$0].isEmpty }
  }

  /// The needs of backward passes for a value.
  func residualNeeds(of value: NodeID) -> [ResidualNeed] {
    needs[value].map { facts.network.residualReads[$0.node][$0.need].need }
  }

  /// The operations that read a value backward.
  func backwardReaders(of value: NodeID) -> [NodeID] { needs[value].map(\.node) }

  /// Retains a value in another way.
  ///
  /// - Returns: How its readers find it now.
  mutating func set(
    _ retention: Retention, of value: NodeID
  ) -> [(node: NodeID, need: Int, representation: Representation)] {
    retentions[value] = retention
    return needs[value].map { node, need in
      let accepted = facts.network.residualReads[node][need].need.accepted
      switch retention {
      case .kept, .remade, .remadeEachTime, .inverted: return (node, need, .whole)
      case .reduced(let representation):
        return (node, need, accepted.contains(.signMask) ? .signMask : representation ?? .whole)
      }
    }
  }

  /// The passes of a step: all nodes forward, then all backward, each after the recoveries and
  /// recomputations that make what it reads.
  func passes() -> [Plan.Pass] {
    var builder = PassBuilder(facts, retentions)
    for node in retentions.indices { builder.passes.append(.forward(node)) }
    for node in facts.network.backwardOrder {
      builder.recoverInput(of: node)
      for position in facts.memory.nodes[node].readValues {
        let value = facts.memory.readValues[position]
        if builder.isRemade(value) { builder.remake(value, isRead: true) }
      }
      builder.endGroup()
      builder.passes.append(.backward(node))
    }
    return builder.passes
  }
}

/// Collects passes and remembers which values are there.
private struct PassBuilder {
  let facts: PlanningFacts
  let retentions: [Retention]
  var passes: [Plan.Pass] = []
  private var isThere: [Bool]
  /// Values that are there for one backward pass only.
  private var passing: [NodeID] = []

  init(_ facts: PlanningFacts, _ retentions: [Retention]) {
    self.facts = facts
    self.retentions = retentions
    isThere = retentions.map { $0 == .kept }
    isThere[Network.input] = true
    passes.reserveCapacity(4 * retentions.count)
  }

  func isRemade(_ value: NodeID) -> Bool {
    switch retentions[value] {
    case .remade, .remadeEachTime, .inverted: true
    case .kept, .reduced: false
    }
  }

  /// Recovers the input of a node that runs backward next, if it is to be recovered and what it is
  /// recovered from is there.
  mutating func recoverInput(of node: NodeID) {
    guard let input = facts.memory.nodes[node].recoveredInput, retentions[input] == .inverted,
      !isThere[input]
    else { return }
    if let rectifier = facts.invertedRectifiers[node], isThere[rectifier] {
      passes += [.invert(rectifier), .invert(node)]
    } else if let branch = facts.inversion.couplings[node]?.last, isThere[node] {
      remake(branch, isRead: false)
      passes.append(.invert(node))
    } else {
      return
    }
    isThere[input] = true
  }

  /// Computes a value anew unless it is there, and first whatever it is computed from.
  mutating func remake(_ value: NodeID, isRead: Bool) {
    guard !isThere[value] else {
      // It was made for something else, and is read from now on.
      if isRead { passing.removeAll { $0 == value } }
      return
    }
    for position in facts.memory.nodes[value].inputs {
      remake(facts.memory.inputs[position], isRead: false)
    }
    passes.append(.forward(value))
    isThere[value] = true
    if !isRead && retentions[value] != .remade { passing.append(value) }
  }

  /// Forgets what was made on the way.
  mutating func endGroup() {
    for value in passing { isThere[value] = false }
    passing.removeAll(keepingCapacity: true)
  }
}
