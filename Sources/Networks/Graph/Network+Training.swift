import Files

extension Network {
  /// The same network, of which only some layers are trained.
  ///
  /// Parameters of all other layers are frozen: they have no gradient and no state of an optimiser, and
  /// nothing is kept for them. Layers before the first trained one have no backward pass at all.
  ///
  /// - Parameters:
  ///   - prefixes: A layer is trained if its name begins with one of these, such as `head` or `block4.`.
  ///   - fixesStatistics: Whether normalisations whose parameters are all frozen use their running
  ///     statistics, as in inference, instead of those of the batch, and leave them as they are.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if a prefix fits no layer that has parameters.
  public func training(
    only prefixes: [String], fixesStatistics: Bool = true
  ) throws(NetworkError) -> Network {
    let layers = Set(parameters.map(\.nodeName))
    for prefix in prefixes where !layers.contains(where: { $0.hasPrefix(prefix) }) {
      let nearest = Spelling.nearest(3, to: prefix, in: Array(Set(layers.flatMap(\.groups))))
      throw NetworkError(
        layer: name,
        reason:
          "no layer with parameters has a name that begins with '\(prefix)'; the nearest names "
          + "are \(nearest.joined(separator: ", "))")
    }
    guard !prefixes.isEmpty else {
      throw NetworkError(layer: name, reason: "nothing would be trained: name at least one layer")
    }
    let table = parameterTable.training { parameter in
      prefixes.contains { parameter.nodeName.hasPrefix($0) }
    }
    let nodes = nodes.map { node in
      let isFrozen =
        table.trainedIndices(of: node.id).isEmpty && !table.statisticsOfNode[node.id].isEmpty
      return fixesStatistics && isFrozen
        ? node.replacing(operation: node.operation.withFixedStatistics) : node
    }
    return Network(name: name, nodes: nodes, parameterTable: table, ends: ends)
  }
}

extension Node {
  fileprivate func replacing(operation: any NetworkOperation) -> Node {
    Node(
      id: id, name: name, operation: operation, inputs: inputs, inputShapes: inputShapes,
      outputShape: outputShape)
  }
}

extension String {
  /// The name and those of all groups that it is in: `a`, `a.b` and `a.b.c` for `a.b.c`.
  fileprivate var groups: [String] {
    var groups: [String] = []
    for part in split(separator: ".") {
      groups.append(groups.last.map { "\($0).\(part)" } ?? String(part))
    }
    return groups
  }
}
