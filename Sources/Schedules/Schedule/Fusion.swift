import Networks

/// Which deeds are done in one pass over memory.
///
/// A rectifier that alone reads a node's value joins the node's pass, forward and backward, if the
/// operation can do its work; a rectifier's signs are packed while its output is written, and so is the
/// sketch of an output, sample by sample. The values are the same to the bit; what is saved is reading
/// and writing them once more.
extension Network {
  /// The rectifier whose work a node's pass can do too.
  package func fusedRectifier(of node: NodeID, in pass: PassKind) -> NodeID? {
    guard nodes[node].operation.fusesRectifier(for: demands[node]).contains(pass),
      readers[node].count == 1,
      // What is handed out is read in between.
      !outputs.contains(node),
      let reader = readers[node].first, nodes[reader].inputs == [node],
      nodes[reader].operation.rectifierSlope != nil
    else { return nil }
    return reader
  }

  /// Whether the forward pass of a node writes a representation of its value, or of that of the
  /// rectifier whose work it does, while it writes the value.
  func fuses(
    _ representation: Representation, of value: NodeID, inPassOf node: NodeID, batchSize: Int
  ) -> Bool {
    representation == .signMask
      ? nodes[value].operation.rectifierSlope != nil
      : nodes[node].operation.sketchesOutput
        && representation.isWrittenWithValues(batchSize: batchSize)
  }

  /// Whether several deeds can be done in one pass over a batch of some size.
  func canFuse(_ deeds: [Action.Deed], batchSize: Int) -> Bool {
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
      if rest.first == .encode(last, .signMask),
        fuses(.signMask, of: last, inPassOf: node, batchSize: batchSize)
      {
        rest.removeFirst()
      }
      if case .encode(last, let representation) = rest.first, representation != .signMask,
        fuses(representation, of: last, inPassOf: node, batchSize: batchSize)
      {
        rest.removeFirst()
      }
      return rest.isEmpty
    case .backward(let rectifier):
      guard deeds.count == 2, let node = nodes[rectifier].inputs.first else { return false }
      return deeds[1] == .backward(node) && fusedRectifier(of: node, in: .backward) == rectifier
    case .encode, .decode, .invert, .derive, .propagate, .release:
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
    case .encode, .decode, .backward, .invert, .derive, .propagate, .release: nil
    }
  }
}

extension Action {
  /// The scratch of a forward pass that also writes a sketch: its own, and that of the sketch behind it.
  package static func scratchByteCount(pass: Int, sketch: Int) -> Int {
    sketch == 0 ? pass : (pass + 63) / 64 * 64 + sketch
  }
}
