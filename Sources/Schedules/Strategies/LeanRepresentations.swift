import Networks

extension Network {
  /// For every node and each of its needs, the leanest representation in which it can wait.
  ///
  /// A value that some reader needs whole is kept whole, once, for all its readers; else a
  /// rectifier's output is kept as one bit an element. With a sketch, convolutions keep that of
  /// their input, unless it would not be smaller than the input or the input is there anyway.
  ///
  /// - Parameters:
  ///   - wholeValues: Values that are there whole for another reason.
  ///   - sketch: The sketch that convolutions keep; nil to keep their inputs.
  ///   - batchSize: The number of samples.
  /// - Returns: The representations, by node and need.
  func leanRepresentations(
    wholeValues: Set<NodeID>, sketch: SketchDescription?, batchSize: Int
  ) -> [[Representation]] {
    let choices = nodes.map { node in
      choice(
        for: node.id, isThere: wholeValues.contains(node.id) || node.id == Network.input,
        sketch: sketch, batchSize: batchSize)
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
    case reduced(sketch: SketchDescription?)

    func representation(for need: ResidualNeed) -> Representation {
      switch self {
      case .whole: return .whole
      case .reduced(let sketch):
        if need.accepted.contains(.signMask) { return .signMask }
        return sketch.map(Representation.sketch) ?? .whole
      }
    }
  }

  private func choice(
    for value: NodeID, isThere: Bool, sketch: SketchDescription?, batchSize: Int
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
    if needsValues.isEmpty { return .reduced(sketch: nil) }
    guard let sketch, needsValues.allSatisfy({ $0.accepted.contains(.sketch) }) else {
      return .whole
    }
    let shape = nodes[value].outputShape
    let sketched = Representation.sketch(sketch).byteCount(of: shape, batchSize: batchSize)
    return sketched < shape.byteCount(batchSize: batchSize) ? .reduced(sketch: sketch) : .whole
  }
}
