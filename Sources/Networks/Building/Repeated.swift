/// Layers that are built once more, on the parameters of earlier ones of the same names.
public struct Repeated: Layer {
  private let original: String
  private let name: String
  private let body: Sequential

  /// Repeats layers.
  ///
  /// - Parameters:
  ///   - original: The name of the block whose parameters are used.
  ///   - name: The name of the block that is added.
  ///   - body: The layers, as they were in the original.
  public init(_ original: String, as name: String, @LayerBuilder _ body: () -> [any Layer]) {
    self.original = original
    self.name = name
    self.body = Sequential(body())
  }

  /// Adds the layers under the block's own name.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    try graph.repeating(original, as: self.name) { (graph) throws(NetworkError) in
      try body.build(in: &graph, after: input, name: nil)
    }
  }
}
