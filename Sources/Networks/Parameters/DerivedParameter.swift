/// A parameter that is not stored: it is computed from stored ones whenever it is read.
public struct DerivedParameter: Sendable {
  /// The node that brought it into the network; others may name it too.
  public let node: NodeID
  /// Its name within the node and its shape; starting values are those of what it is derived from.
  public let description: ParameterDescription
  /// How it is computed.
  public let transform: any ParameterTransform
  /// The stored parameters that it is computed from, by index, in the transform's order.
  public let sources: [Int]
}

/// What a node names as one of its parameters.
public enum ParameterReference: Hashable, Sendable {
  /// A stored one, by its index in the table's `parameters`.
  case stored(Int)
  /// A derived one, by its index in the table's `derived`.
  case derived(Int)
}
