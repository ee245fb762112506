import Networks

/// What a strategy decides: in which order nodes run, and how residuals wait.
///
/// What is kept follows from it: a value stays as long as a later pass reads it before the value is
/// computed anew.
public struct Plan: Sendable {
  /// A run of one node's forward or backward pass.
  public enum Pass: Hashable, Sendable {
    /// The forward pass; a node's second and later ones are recomputations.
    case forward(NodeID)
    /// The backward pass.
    case backward(NodeID)
    /// The recovery of the input that a node's output determines.
    case invert(NodeID)
  }

  /// The passes in order.
  public var passes: [Pass]
  /// For every node and each of its needs, the representation in which it waits.
  public var representations: [[Representation]]
  /// Whether derived parameters stay from their first use to their last; if not, each use derives them
  /// anew.
  public var keepsDerivedParameters = true

  /// Creates a plan.
  public init(passes: [Pass], representations: [[Representation]]) {
    self.passes = passes
    self.representations = representations
  }
}

extension Network {
  /// The node whose value is recovered from that of its reader `node`.
  package func recoveredInput(of node: NodeID) -> NodeID? {
    nodes[node].invertibleInput.map { nodes[node].inputs[$0] }
  }

  /// The items that the recovery of a node's input reads: its output, its other inputs and what its
  /// forward pass left behind.
  package func itemsForInversion(of node: NodeID) -> [Item] {
    let recovered = nodes[node].invertibleInput
    let others = nodes[node].inputs.indices.filter { $0 != recovered }
    let own = nodes[node].operation.ownResiduals(nodes[node].shapes(batchSize: 1))
    return [.value(node)] + others.map { .value(nodes[node].inputs[$0]) }
      + own.indices.map { .residual(node, $0) }
  }

  /// The items that a node's backward pass reads, given how they wait: what waits itself, or what is
  /// rebuilt from it.
  package func readItems(of node: NodeID, _ representations: [[Representation]]) -> [Item] {
    neededItems(of: node, representations).map { item in
      if case .encoded(let value, let representation) = item, representation.isDecoded {
        return .value(value)
      }
      return item
    }
  }

  /// The items that wait for a node's backward pass: one for each need, then the signs that some are
  /// read with.
  package func neededItems(of node: NodeID, _ representations: [[Representation]]) -> [Item] {
    var items: [Item] = []
    var masks: [Item] = []
    for (read, representation) in zip(residualReads[node], representations[node]) {
      switch read.origin {
      case .own(let index): items.append(.residual(node, index))
      case .value(let value):
        items.append(representation == .whole ? .value(value) : .encoded(value, representation))
        if representation.readsMask { masks.append(.encoded(value, .signMask)) }
      }
    }
    return items + masks
  }

  /// The nodes whose backward pass has something to do, the last first.
  package var backwardOrder: [NodeID] {
    nodes.indices.reversed().filter { requiresGradient[$0] }
  }
}
