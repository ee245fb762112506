/// A network: nodes in topological order, each producing one value; the last one is the loss.
///
/// Node 0 is the network's input. Shapes are those of one sample, so that the same network serves
/// any batch size, and every byte is known before anything runs.
public struct Network: Sendable {
  /// The network's name.
  public let name: String
  /// The nodes; every node comes after those it reads.
  public let nodes: [Node]
  /// For each node, the nodes that read its value, in order.
  public let readers: [[NodeID]]
  /// For each node, whether a parameter lies at or before it, so that its value needs a gradient.
  public let requiresGradient: [Bool]

  init(name: String, nodes: [Node]) {
    self.name = name
    self.nodes = nodes
    var readers = [[NodeID]](repeating: [], count: nodes.count)
    var requiresGradient = [Bool](repeating: false, count: nodes.count)
    for node in nodes {
      for input in Set(node.inputs) { readers[input].append(node.id) }
      requiresGradient[node.id] =
        !node.operation.parameters(for: node.inputShapes).isEmpty
        || node.inputs.contains { requiresGradient[$0] }
    }
    self.readers = readers
    self.requiresGradient = requiresGradient
  }

  /// The number of the input's node.
  public static let input: NodeID = 0

  /// The shape of one input sample.
  public var inputShape: Shape { nodes[Network.input].outputShape }

  /// The number of the loss.
  public var loss: NodeID { nodes.count - 1 }

  /// The labels of one sample: one, or one for each pixel of a map of scores.
  public var labelCount: Int { nodes[loss].inputShapes.first?.pixelCount ?? 1 }

  /// The number of classes that the loss tells apart.
  public var classCount: Int { nodes[loss].inputShapes.first?.channels ?? 0 }
}
