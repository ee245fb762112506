import Networks

/// Which deeds are done in one pass over memory.
///
/// A rectifier that alone reads a node's value joins the node's pass, forward and backward, if the
/// operation can do its work; and a rectifier's signs are packed while its output is written. The
/// values are the same to the bit; what is saved is reading and writing them once more.
extension Network {
  /// The rectifier whose work a node's pass can do too.
  func fusedRectifier(of node: NodeID, in pass: PassKind) -> NodeID? {
    guard nodes[node].operation.fusesRectifier.contains(pass), readers[node].count == 1,
      let reader = readers[node].first, nodes[reader].inputs == [node],
      nodes[reader].operation.rectifierSlope != nil
    else { return nil }
    return reader
  }

  /// Whether several deeds can be done in one pass.
  func canFuse(_ deeds: [Action.Deed]) -> Bool {
    guard let first = deeds.first else { return false }
    switch first {
    case .forward(let node), .recompute(let node):
      var rest = deeds.dropFirst()
      var last = node
      if let rectifier = fusedRectifier(of: node, in: .forward),
        rest.first == first.replacing(node: rectifier)
      {
        rest.removeFirst()
        last = rectifier
      }
      if rest.first == .encode(last, .signMask), nodes[last].operation.rectifierSlope != nil {
        rest.removeFirst()
      }
      return rest.isEmpty
    case .backward(let rectifier):
      guard deeds.count == 2, let node = nodes[rectifier].inputs.first else { return false }
      return deeds[1] == .backward(node) && fusedRectifier(of: node, in: .backward) == rectifier
    case .encode, .decode, .invert, .release:
      return false
    }
  }
}

extension Action.Deed {
  /// The same kind of forward pass of another node.
  fileprivate func replacing(node: NodeID) -> Action.Deed? {
    switch self {
    case .forward: .forward(node)
    case .recompute: .recompute(node)
    case .encode, .decode, .backward, .invert, .release: nil
    }
  }
}
