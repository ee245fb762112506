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
  /// The parameters and running statistics, and which of them every node names.
  ///
  /// What no loss tells how to change is not trained.
  public let parameterTable: ParameterTable
  /// For each node, the gradients that its backward pass computes; empty where it has none to run.
  public let demands: [GradientDemand]
  /// For each node, whether its value needs a gradient, since something trained lies at or before it and
  /// a loss behind it.
  public let requiresGradient: [Bool]
  /// For each node, what its backward pass reads, in the order of the operation's needs.
  public let residualReads: [[ResidualRead]]

  init(name: String, nodes: [Node], parameterTable: ParameterTable, ends: NetworkEnds) {
    self.name = name
    self.nodes = nodes
    self.ends = ends
    let learns = ends.learning(nodes)
    let parameterTable = parameterTable.training(where: learns)
    self.parameterTable = parameterTable
    var readers = [[NodeID]](repeating: [], count: nodes.count)
    var demands: [GradientDemand] = []
    for node in nodes {
      for input in Set(node.inputs) { readers[input].append(node.id) }
      let inputs = node.inputs.indices.filter {
        !demands[node.inputs[$0]].isEmpty && node.operation.passesGradient(toInput: $0)
      }
      demands.append(
        learns[node.id]
          ? GradientDemand(
            inputs: Set(inputs), parameters: parameterTable.trainedIndices(of: node.id))
          : .nothing)
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

  /// The inputs of a node to which its backward pass hands a gradient.
  public func gradientInputs(of node: NodeID) -> [NodeID] {
    demands[node].inputs.sorted().map { nodes[node].inputs[$0] }
  }
}
