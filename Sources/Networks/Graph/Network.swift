/// A network: nodes in topological order, each producing one value or, as a loss, none.
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
  /// The losses that are trained, and the values that are handed out.
  public let ends: NetworkEnds
  /// For each node, whether a parameter lies at or before it and a loss behind it, so that its value
  /// needs a gradient.
  public let requiresGradient: [Bool]

  init(name: String, nodes: [Node], ends: NetworkEnds) {
    self.name = name
    self.nodes = nodes
    self.ends = ends
    let learns = ends.learning(nodes)
    var readers = [[NodeID]](repeating: [], count: nodes.count)
    var requiresGradient = [Bool](repeating: false, count: nodes.count)
    for node in nodes {
      for input in Set(node.inputs) { readers[input].append(node.id) }
      requiresGradient[node.id] =
        learns[node.id]
        && (!node.operation.parameters(for: node.inputShapes).isEmpty
          || node.inputs.indices.contains {
            requiresGradient[node.inputs[$0]] && node.operation.passesGradient(toInput: $0)
          })
    }
    self.readers = readers
    self.requiresGradient = requiresGradient
  }

  /// The number of the input's node.
  public static let input: NodeID = 0

  /// The shape of one input sample.
  public var inputShape: Shape { nodes[Network.input].outputShape }

  /// The inputs of a node to which its backward pass hands a gradient.
  public func gradientInputs(of node: NodeID) -> [NodeID] {
    let inputs = nodes[node].inputs
    return inputs.indices.filter {
      requiresGradient[inputs[$0]] && nodes[node].operation.passesGradient(toInput: $0)
    }.map { inputs[$0] }
  }
}
