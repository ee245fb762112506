/// A skip connection: a value, and behind its channels those of what a branch makes of it.
public struct Skip: Layer {
  private let body: Sequential

  /// Creates a skip connection.
  public init(@LayerBuilder _ body: () -> [any Layer]) {
    self.body = Sequential(body())
  }

  /// Adds the branch, and the concatenation of its input and its result.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    func buildAll(_ graph: inout GraphBuilder) throws(NetworkError) -> NodeID {
      let result = try body.build(in: &graph, after: input, name: nil)
      return try graph.add(Concatenation(), inputs: [input, result])
    }
    guard let name else { return try buildAll(&graph) }
    return try graph.group(name, buildAll)
  }
}
