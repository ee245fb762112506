extension Network {
  /// The trained parameters of all nodes, in network order.
  public var parameters: [NodeParameter] {
    nodes.flatMap { node in
      node.operation.parameters(for: node.inputShapes).map {
        NodeParameter(node: node.id, nodeName: node.name, description: $0)
      }
    }
  }

  /// The running statistics of all nodes, in network order: updated by training, not trained.
  public var runningStatistics: [NodeParameter] {
    nodes.flatMap { node in
      node.operation.runningStatistics(for: node.inputShapes).map {
        NodeParameter(node: node.id, nodeName: node.name, description: $0)
      }
    }
  }

  /// The number of trained parameters.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + $1.description.elementCount }
  }

  /// Whether a sample's result depends on the other samples of its batch, in training.
  public var mixesSamples: Bool { nodes.contains { $0.operation.mixesSamples } }

  /// The arithmetic of a forward pass for one sample; a multiplication and an addition are two.
  public var forwardFLOPs: Int {
    nodes.reduce(0) { $0 + $1.operation.forwardFLOPs($1.shapes(batchSize: 1)) }
  }
}

/// A parameter or running statistic together with the node it belongs to.
public struct NodeParameter: Hashable, Sendable {
  /// The node.
  public let node: NodeID
  /// The node's name.
  public let nodeName: String
  /// Its name within the node, shape and starting values.
  public let description: ParameterDescription

  /// The full name, such as `block1.conv2.w`.
  public var name: String { "\(nodeName).\(description.name)" }
}
