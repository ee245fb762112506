import Networks

extension Network {
  /// For every node and each of its needs, the leanest representation in which it can wait.
  ///
  /// A value that some reader needs whole is kept whole, once, for all its readers; else the
  /// output of a rectifier or a clipped activation is kept as one bit an element. With an approximation, a value that all its
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
    leanRepresentations(
      wholeValues: wholeValues,
      reduced: approximation.map { approximation in
        approximation.representations(
          of: inexactValues(whole: wholeValues, kind: approximation.kind), in: self,
          batchSize: batchSize)
      } ?? [:])
  }

  /// For every node and each of its needs, the leanest representation in which it can wait, where
  /// some values wait in given ones.
  func leanRepresentations(
    wholeValues: Set<NodeID>, reduced: [NodeID: Representation]
  ) -> [[Representation]] {
    let choices = nodes.indices.map { value in
      if value == Network.input || wholeValues.contains(value) { return Choice.whole }
      if neededValues(of: value).isEmpty { return Choice.reduced(nil) }
      return reduced[value].map { Choice.reduced($0) } ?? .whole
    }
    return residualReads.map { reads in
      reads.map { read in read.value.map { choices[$0].representation(for: read.need) } ?? .whole }
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

  /// The values that some backward pass reads, all of which can read them in a kind of
  /// representation.
  func inexactValues(whole wholeValues: Set<NodeID>, kind: Representation.Kind) -> [NodeID] {
    nodes.indices.filter { value in
      guard value != Network.input, !wholeValues.contains(value) else { return false }
      let needs = neededValues(of: value)
      return !needs.isEmpty && needs.allSatisfy { $0.accepts(kind) }
    }
  }

  /// For every value, whether no element can be negative.
  var nonNegativeValues: [Bool] {
    var found: [Bool] = []
    for node in nodes {
      found.append(
        node.operation.isNeverNegative
          || node.operation.keepsNonNegative && node.inputs.allSatisfy { found[$0] })
    }
    return found
  }

  /// The needs of a value for which one bit an element does not do.
  private func neededValues(of value: NodeID) -> [ResidualNeed] {
    ([value] + readers[value]).flatMap { reader in
      residualReads[reader].filter {
        $0.value == value && !$0.need.accepted.contains(.signMask)
      }.map(\.need)
    }
  }
}
