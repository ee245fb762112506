/// A stored parameter or running statistic, together with the node that it belongs to.
public struct NodeParameter: Hashable, Sendable {
  /// The node that brought it into the network; others may name it too.
  public let node: NodeID
  /// The node's name.
  public let nodeName: String
  /// Its name within the node, shape and starting values.
  public let description: ParameterDescription
  /// Whether training changes it: a frozen parameter has no gradient and no state of an optimiser.
  public let isTrained: Bool

  /// The full name, such as `block1.conv2.w`.
  public var name: String { "\(nodeName).\(description.name)" }
}
