/// The stored parameters and running statistics of a network, and which of them every node names.
///
/// An entry that several nodes name is stored once, and its gradients are summed.
public struct ParameterTable: Sendable {
  /// The stored parameters, in the order of the nodes that brought them.
  public let parameters: [NodeParameter]
  /// The running statistics, in the order of the nodes that brought them.
  public let statistics: [NodeParameter]
  /// For every node, the indices of its parameters in the operation's order.
  public let parametersOfNode: [[Int]]
  /// For every node, the indices of its running statistics in the operation's order.
  public let statisticsOfNode: [[Int]]

  /// Gathers the entries of nodes in topological order; all are trained.
  ///
  /// - Parameters:
  ///   - nodes: The nodes.
  ///   - owners: For a node that names the entries of an earlier one instead of its own, that node.
  init(_ nodes: [Node], owners: [NodeID: NodeID]) {
    func gather(
      _ descriptions: (Node) -> [ParameterDescription]
    ) -> (entries: [NodeParameter], ofNode: [[Int]]) {
      var entries: [NodeParameter] = []
      var ofNode: [[Int]] = []
      for node in nodes {
        if let owner = owners[node.id] {
          ofNode.append(ofNode[owner])
          continue
        }
        let own = descriptions(node)
        ofNode.append(Array(entries.count..<(entries.count + own.count)))
        entries += own.map {
          NodeParameter(node: node.id, nodeName: node.name, description: $0, isTrained: true)
        }
      }
      return (entries, ofNode)
    }
    (parameters, parametersOfNode) = gather { $0.operation.parameters(for: $0.inputShapes) }
    (statistics, statisticsOfNode) = gather { $0.operation.runningStatistics(for: $0.inputShapes) }
  }

  private init(_ table: ParameterTable, isTrained: (NodeParameter) -> Bool) {
    parameters = table.parameters.map {
      NodeParameter(
        node: $0.node, nodeName: $0.nodeName, description: $0.description,
        isTrained: isTrained($0))
    }
    statistics = table.statistics
    parametersOfNode = table.parametersOfNode
    statisticsOfNode = table.statisticsOfNode
  }

  /// The same entries, of which just those are trained that `isTrained` says.
  func training(_ isTrained: (NodeParameter) -> Bool) -> ParameterTable {
    ParameterTable(self, isTrained: isTrained)
  }

  /// The indices of a node's parameters that are trained, within the operation's order.
  func trainedIndices(of node: NodeID) -> Set<Int> {
    let entries = parametersOfNode[node]
    return Set(entries.indices.filter { parameters[entries[$0]].isTrained })
  }
}
