import Networks

/// Something that a step keeps in memory for a while.
public enum Item: Hashable, Sendable {
  /// The value that a node produced, whole.
  case value(NodeID)
  /// The gradient of the loss with respect to a node's value.
  case gradient(NodeID)
  /// What a node's forward pass left behind for its own backward pass, by index.
  case residual(NodeID, Int)
  /// A node's value in another representation.
  case encoded(NodeID, Representation)
  /// Memory through which values go to a file and come back, of so many bytes; it is counted for
  /// the first node whose value does.
  case staging(NodeID, byteCount: Int)
  /// The value of a derived parameter, by its index in the table; the node brought it.
  case derived(NodeID, Int)
  /// The gradient of a derived parameter, by its index in the table; the node brought it.
  case derivedGradient(NodeID, Int)

  /// The node that the item belongs to.
  public var node: NodeID {
    switch self {
    case .value(let node), .gradient(let node), .residual(let node, _), .encoded(let node, _),
      .staging(let node, _), .derived(let node, _), .derivedGradient(let node, _):
      node
    }
  }
}

extension Network {
  /// The requested bytes of an item.
  public func byteCount(of item: Item, batchSize: Int) -> Int {
    let node = nodes[item.node]
    switch item {
    case .value, .gradient:
      return node.outputShape.byteCount(batchSize: batchSize)
    case .residual(_, let index):
      return node.operation.ownResiduals(node.shapes(batchSize: batchSize))[index].byteCount
    case .encoded(_, let representation):
      return representation.byteCount(of: node.outputShape, batchSize: batchSize)
    case .staging(_, let byteCount):
      return byteCount
    case .derived(_, let index), .derivedGradient(_, let index):
      return parameterTable.derived[index].description.byteCount
    }
  }
}
