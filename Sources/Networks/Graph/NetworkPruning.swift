extension NetworkEnds {
  /// For every node, whether a loss or an output reads its value, directly or not.
  func used(_ nodes: [Node]) -> [Bool] {
    var isUsed = [Bool](repeating: false, count: nodes.count)
    isUsed[Network.input] = true
    for loss in losses { isUsed[loss.node] = true }
    for output in outputs { isUsed[output] = true }
    for node in nodes.reversed() where isUsed[node.id] {
      for input in node.inputs { isUsed[input] = true }
    }
    return isUsed
  }
}

extension [NodeID: NodeID] {
  /// Which of the nodes that are left names the parameters of which, by their new numbers, if these are
  /// the new numbers by the old ones.
  ///
  /// Where the node is gone that brought parameters, the first that names them brings them.
  func owners(from old: [NodeID: NodeID]) -> [NodeID: NodeID] {
    var heirs: [NodeID: NodeID] = [:]
    var owners: [NodeID: NodeID] = [:]
    for (node, owner) in old.sorted(by: { $0.key < $1.key }) {
      guard let number = self[node] else { continue }
      if let owner = self[owner] ?? heirs[owner] {
        owners[number] = owner
      } else {
        heirs[owner] = number
      }
    }
    return owners
  }

  /// How the parameters of the nodes that are left are derived, by the nodes' new numbers.
  func transforms(
    from old: [NodeID: [String: any ParameterTransform]], owners: [NodeID: NodeID]
  ) -> [NodeID: [String: any ParameterTransform]] {
    var transforms: [NodeID: [String: any ParameterTransform]] = [:]
    for (node, own) in old {
      // Where the node is gone, the first that names its parameters brings them.
      let heirs = owners.filter { $0.value == node && self[$0.key] != nil }.keys
      guard let number = self[node] ?? heirs.min().flatMap({ self[$0] }) else { continue }
      transforms[number] = own
    }
    return transforms
  }
}

extension [Node] {
  /// The nodes of which `isKept` holds, numbered anew.
  ///
  /// - Returns: The nodes, and the new numbers by the old ones.
  func keeping(_ isKept: [Bool]) -> (nodes: [Node], numbers: [NodeID: NodeID]) {
    var numbers: [NodeID: NodeID] = [:]
    var kept: [Node] = []
    for node in self where isKept[node.id] {
      numbers[node.id] = kept.count
      kept.append(
        Node(
          id: kept.count, name: node.name, operation: node.operation,
          inputs: node.inputs.compactMap { numbers[$0] }, inputShapes: node.inputShapes,
          outputShape: node.outputShape))
    }
    return (kept, numbers)
  }
}
