import Networks

extension Network {
  /// For every node and each of its needs, the leanest representation in which it can wait.
  ///
  /// A value that some reader needs whole is kept whole, once, for all its readers; else a
  /// rectifier's output is kept as one bit an element. With an approximation, a value that all its
  /// readers can read inexactly is kept so, unless that would not be smaller or the value is there
  /// anyway.
  ///
  /// - Parameters:
  ///   - wholeValues: Values that are there whole for another reason.
  ///   - approximation: How values are kept that can be read inexactly; nil to keep them whole.
  ///   - batchSize: The number of samples.
  /// - Returns: The representations, by node and need.
  func leanRepresentations(
    wholeValues: Set<NodeID>, approximation: Approximation?, batchSize: Int
  ) -> [[Representation]] {
    let choices = nodes.map { node in
      choice(
        for: node.id, isThere: wholeValues.contains(node.id) || node.id == Network.input,
        approximation: approximation?.representation, batchSize: batchSize)
    }
    return nodes.map { node in
      node.operation.residualNeeds.map { need in
        switch need.source {
        case .own: .whole
        case .output: choices[node.id].representation(for: need)
        case .input(let index): choices[node.inputs[index]].representation(for: need)
        }
      }
    }
  }

  /// What is kept of one value.
  private enum Choice {
    case whole
    case reduced(Representation?)

    func representation(for need: ResidualNeed) -> Representation {
      switch self {
      case .whole: return .whole
      case .reduced(let approximation):
        if need.accepted.contains(.signMask) { return .signMask }
        return approximation ?? .whole
      }
    }
  }

  private func choice(
    for value: NodeID, isThere: Bool, approximation: Representation?, batchSize: Int
  ) -> Choice {
    if isThere { return .whole }
    let needs = ([value] + readers[value]).filter { requiresGradient[$0] }.flatMap { reader in
      nodes[reader].operation.residualNeeds.filter { need in
        switch need.source {
        case .own: false
        case .output: reader == value
        case .input(let index): nodes[reader].inputs[index] == value
        }
      }
    }
    let needsValues = needs.filter { !$0.accepted.contains(.signMask) }
    if needsValues.isEmpty { return .reduced(nil) }
    guard let approximation,
      needsValues.allSatisfy({ $0.accepted.contains(approximation.kind) })
    else { return .whole }
    let shape = nodes[value].outputShape
    let isSmaller =
      approximation.byteCount(of: shape, batchSize: batchSize)
      < shape.byteCount(batchSize: batchSize)
    return isSmaller ? .reduced(approximation) : .whole
  }
}
