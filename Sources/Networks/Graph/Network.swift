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
  /// The parameters and running statistics, and which of them every node names.
  public let parameterTable: ParameterTable
  /// For each node, the gradients that its backward pass computes; empty where it has none to run.
  public let demands: [GradientDemand]
  /// For each node, whether its value needs a gradient, since something trained lies at or before it.
  public let requiresGradient: [Bool]
  /// For each node, what its backward pass reads, in the order of the operation's needs.
  public let residualReads: [[ResidualRead]]

  init(name: String, nodes: [Node], parameterTable: ParameterTable) {
    self.name = name
    self.nodes = nodes
    self.parameterTable = parameterTable
    var readers = [[NodeID]](repeating: [], count: nodes.count)
    var demands: [GradientDemand] = []
    for node in nodes {
      for input in Set(node.inputs) { readers[input].append(node.id) }
      demands.append(
        GradientDemand(
          inputs: Set(node.inputs.indices.filter { !demands[node.inputs[$0]].isEmpty }),
          parameters: parameterTable.trainedIndices(of: node.id)))
    }
    self.readers = readers
    self.demands = demands
    requiresGradient = demands.map { !$0.isEmpty }
    residualReads = zip(nodes, demands).map { node, demand in
      demand.isEmpty
        ? [] : node.operation.residualNeeds(for: demand).map { ResidualRead($0, of: node) }
    }
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
