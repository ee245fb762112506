/// Something that a node's backward pass reads, with the place where it is found in the network.
///
/// The network resolves what its operations need once, so that nobody else follows inputs.
public struct ResidualRead: Hashable, Sendable {
  /// Where it is found.
  public enum Origin: Hashable, Sendable {
    /// The value of this node: one of the reader's inputs, or its own output.
    case value(NodeID)
    /// What the reader's forward pass left behind, by index.
    case own(Int)
  }

  /// What the operation asked for.
  public let need: ResidualNeed
  /// Where it is found.
  public let origin: Origin

  /// The node whose value it is; nil for what the forward pass left behind.
  public var value: NodeID? {
    if case .value(let node) = origin { return node }
    return nil
  }

  init(_ need: ResidualNeed, of node: Node) {
    self.need = need
    switch need.source {
    case .input(let index): origin = .value(node.inputs[index])
    case .output: origin = .value(node.id)
    case .own(let index): origin = .own(index)
    }
  }
}
