/// Layers one after the other.
public struct Sequential: Layer {
  private let layers: [any Layer]

  /// Creates a sequence of layers.
  public init(_ layers: [any Layer]) {
    self.layers = layers
  }

  /// Adds the layers behind `input`; a name becomes the prefix of their names.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    func buildAll(_ graph: inout GraphBuilder) throws(NetworkError) -> NodeID {
      var value = input
      for layer in layers {
        value = try layer.build(in: &graph, after: value, name: nil)
      }
      return value
    }
    guard let name else { return try buildAll(&graph) }
    return try graph.group(name, buildAll)
  }
}
