/// A residual connection: the sum of what two branches make of the same value.
///
/// Without a shortcut the value itself is added.
public struct Residual: Layer {
  private let body: Sequential
  private let shortcut: Sequential?

  /// Creates a residual connection.
  public init(
    @LayerBuilder _ body: () -> [any Layer], @LayerBuilder shortcut: () -> [any Layer] = { [] }
  ) {
    self.body = Sequential(body())
    let layers = shortcut()
    self.shortcut = layers.isEmpty ? nil : Sequential(layers)
  }

  /// Adds both branches and their sum; the shortcut's layers are named after it.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    func buildAll(_ graph: inout GraphBuilder) throws(NetworkError) -> NodeID {
      let main = try body.build(in: &graph, after: input, name: nil)
      let other = try shortcut?.build(in: &graph, after: input, name: "shortcut") ?? input
      return try graph.add(Add(), inputs: [main, other])
    }
    guard let name else { return try buildAll(&graph) }
    return try graph.group(name, buildAll)
  }
}
