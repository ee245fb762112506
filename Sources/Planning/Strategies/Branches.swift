import Networks

/// The parts of a network that only one node makes use of.
///
/// The gate of a node is the first node behind it that all ways from it lead through (its immediate
/// postdominator, after Cooper, Harvey and Kennedy 2001, "A Simple, Fast Dominance Algorithm"). Gates
/// make a tree, whose subtree at a node is all that nobody reads but for that node's sake. Numbered in
/// preorder, a subtree is a range of numbers: what is known of all branches is found in one walk over
/// the network.
struct Branches {
  private let network: Network
  /// The nodes in preorder of the tree of gates, and each node's place among them.
  private var order: [NodeID]
  private var place: [Int]
  /// For every node, the number of nodes in its subtree.
  private var size: [Int]
  /// For every node, the lowest number of a node that its subtree reads: if there is a single one
  /// outside, it is that one, since all others come after what they read.
  private var lowestRead: [NodeID]
  /// For every node, the number of readings in its subtree of nodes outside.
  private var outerReadCount: [Int]

  init(_ network: Network) {
    self.network = network
    let count = network.nodes.count
    let gates = network.gates
    size = Array(repeating: 1, count: count)
    lowestRead = Array(repeating: count, count: count)
    outerReadCount = Array(repeating: 0, count: count)
    for node in network.nodes {
      let inputs = Set(node.inputs)
      lowestRead[node.id] = min(lowestRead[node.id], inputs.min() ?? count)
      outerReadCount[node.id] += inputs.count
      let gate = gates[node.id]
      guard gate < count else { continue }
      size[gate] += size[node.id]
      lowestRead[gate] = min(lowestRead[gate], lowestRead[node.id])
      // All that is read of a node within the subtree of its gate is inside.
      outerReadCount[gate] += outerReadCount[node.id] - network.readers[node.id].count
    }
    order = Array(0..<count)
    place = order
    var next = Array(repeating: 0, count: count + 1)
    for node in network.nodes.indices.reversed() {
      let gate = gates[node]
      place[node] = next[gate]
      next[gate] += size[node]
      next[node] = place[node] + 1
      order[place[node]] = node
    }
  }

  /// The nodes that compute what a sum adds to a value that it can give back, in order; nil if this is
  /// no such sum.
  ///
  /// They read one value, which is not the one to be recovered, and nobody else reads theirs. The
  /// value to be recovered has another reader, for whom it is worth recovering.
  func ofCoupling(_ sum: Node) -> [NodeID]? {
    guard sum.inputs.count == 2, let position = sum.invertibleInput,
      network.requiresGradient[sum.id]
    else { return nil }
    let recovered = sum.inputs[position]
    let added = sum.inputs[1 - position]
    guard recovered != Network.input, network.readers[recovered].count > 1,
      added != Network.input, network.readers[added] == [sum.id]
    else { return nil }
    let range = place[added]..<place[added] + size[added]
    let source = lowestRead[added]
    guard source != recovered,
      outerReadCount[added] == network.readers[source].count(where: { range.contains(place[$0]) })
    else { return nil }
    return order[range].sorted()
  }
}

extension Network {
  /// For every node, the first node behind it that all ways from it lead through; the number of nodes
  /// where there is none, and for the input, which belongs to nobody.
  fileprivate var gates: [NodeID] {
    let none = nodes.count
    var gates = Array(repeating: none, count: none)
    for node in nodes.indices.reversed() where node != Network.input {
      guard var gate = readers[node].first else { continue }
      for reader in readers[node].dropFirst() {
        var other = reader
        // A gate has a higher number than what is before it.
        while gate != other {
          if gate < other { gate = gates[gate] } else { other = gates[other] }
        }
      }
      gates[node] = gate
    }
    return gates
  }
}
