/// The parameters and running statistics of a network, and which of them every node names.
///
/// Parameters are stored or derived from stored ones. An entry that several nodes name is there once, and
/// its gradients are summed.
public struct ParameterTable: Sendable {
  /// The stored parameters, in the order of the nodes that brought them.
  public private(set) var parameters: [NodeParameter] = []
  /// The derived parameters, in the order of the nodes that brought them.
  public private(set) var derived: [DerivedParameter] = []
  /// The running statistics, in the order of the nodes that brought them.
  public private(set) var statistics: [NodeParameter] = []
  /// For every node, its parameters in the operation's order.
  public private(set) var parametersOfNode: [[ParameterReference]] = []
  /// For every node, the indices of its running statistics in the operation's order.
  public private(set) var statisticsOfNode: [[Int]] = []

  /// Gathers the entries of nodes in topological order; all that is stored is trained.
  ///
  /// - Parameters:
  ///   - nodes: The nodes.
  ///   - owners: For a node that names the entries of an earlier one instead of its own, that node.
  ///   - transforms: For a node, how its parameters of these names are derived; the builder has seen that
  ///     they can be. All others are stored.
  init(
    _ nodes: [Node], owners: [NodeID: NodeID],
    transforms: [NodeID: [String: any ParameterTransform]] = [:]
  ) {
    for node in nodes {
      if let owner = owners[node.id] {
        parametersOfNode.append(parametersOfNode[owner])
        statisticsOfNode.append(statisticsOfNode[owner])
      } else {
        parametersOfNode.append(
          node.operation.parameters(for: node.inputShapes).map {
            add($0, of: node, transform: transforms[node.id]?[$0.name])
          })
        let own = node.operation.runningStatistics(for: node.inputShapes)
        statisticsOfNode.append(Array(statistics.count..<(statistics.count + own.count)))
        statistics += own.map {
          NodeParameter(node: node.id, nodeName: node.name, description: $0, isTrained: false)
        }
      }
    }
  }

  private mutating func add(
    _ description: ParameterDescription, of node: Node, transform: (any ParameterTransform)?
  ) -> ParameterReference {
    guard let transform else {
      store(description, of: node)
      return .stored(parameters.count - 1)
    }
    let first = parameters.count
    do {
      for source in try transform.sources(of: description) { store(source, of: node) }
    } catch {
      preconditionFailure("the builder accepted this transform: \(error.reason)")
    }
    derived.append(
      DerivedParameter(
        node: node.id, description: description, transform: transform,
        sources: Array(first..<parameters.count)))
    return .derived(derived.count - 1)
  }

  private mutating func store(_ description: ParameterDescription, of node: Node) {
    parameters.append(
      NodeParameter(
        node: node.id, nodeName: node.name, description: description, isTrained: true))
  }

  /// The same entries, of which just those stored ones are trained that `isTrained` says.
  func training(_ isTrained: (NodeParameter) -> Bool) -> ParameterTable {
    var table = self
    table.parameters = parameters.map {
      NodeParameter(
        node: $0.node, nodeName: $0.nodeName, description: $0.description,
        isTrained: isTrained($0))
    }
    return table
  }

  /// The description of what a node names.
  public func description(of reference: ParameterReference) -> ParameterDescription {
    switch reference {
    case .stored(let index): parameters[index].description
    case .derived(let index): derived[index].description
    }
  }

  /// Whether a parameter needs a gradient: a derived one does if any that it is derived from is trained.
  public func isTrained(_ reference: ParameterReference) -> Bool {
    switch reference {
    case .stored(let index): parameters[index].isTrained
    case .derived(let index): derived[index].sources.contains { parameters[$0].isTrained }
    }
  }

  /// The same entries, of which just those are trained that are so far and that a node names of which
  /// `learns` holds.
  func training(where learns: [Bool]) -> ParameterTable {
    var learned = Set<String>()
    for (node, references) in parametersOfNode.enumerated() where learns[node] {
      for reference in references {
        learned.formUnion(stored(reference).map { parameters[$0].name })
      }
    }
    return training { $0.isTrained && learned.contains($0.name) }
  }

  /// For every node that names the entries of another one, that node.
  var owners: [NodeID: NodeID] {
    var owners: [NodeID: NodeID] = [:]
    for node in parametersOfNode.indices {
      let first =
        parametersOfNode[node].first.flatMap { stored($0).first }.map { parameters[$0].node }
        ?? statisticsOfNode[node].first.map { statistics[$0].node }
      if let first, first != node { owners[node] = first }
    }
    return owners
  }

  /// For every node that brought derived parameters, how they are derived, by their names.
  var transforms: [NodeID: [String: any ParameterTransform]] {
    derived.reduce(into: [:]) { $0[$1.node, default: [:]][$1.description.name] = $1.transform }
  }

  /// The indices of what is stored of a parameter: itself, or all that it is derived from.
  private func stored(_ reference: ParameterReference) -> [Int] {
    switch reference {
    case .stored(let index): [index]
    case .derived(let index): derived[index].sources
    }
  }

  /// The indices of a node's parameters that are trained, within the operation's order.
  func trainedIndices(of node: NodeID) -> Set<Int> {
    let references = parametersOfNode[node]
    return Set(references.indices.filter { isTrained(references[$0]) })
  }

  /// The derived parameters that a node names, by index.
  package func derivedParameters(of node: NodeID) -> [Int] {
    parametersOfNode[node].compactMap { reference in
      if case .derived(let index) = reference { return index }
      return nil
    }
  }
}
