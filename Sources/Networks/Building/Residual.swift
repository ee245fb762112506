/// A residual connection: the sum of what two branches make of the same value.
///
/// Without a shortcut the value itself is added.
public struct Residual: Layer {
  private let body: Sequential
  private let shortcut: Sequential?
  private let branchName: String?
  private let shortcutName: String

  /// Creates a residual connection.
  ///
  /// - Parameters:
  ///   - branchName: What the names of the branch's layers begin with; nil for nothing.
  ///   - shortcutName: What the names of the shortcut's layers begin with.
  ///   - body: The branch.
  ///   - shortcut: The shortcut; without layers the value itself is added.
  public init(
    branchName: String? = nil, shortcutName: String = "shortcut",
    @LayerBuilder _ body: () -> [any Layer], @LayerBuilder shortcut: () -> [any Layer] = { [] }
  ) {
    self.branchName = branchName
    self.shortcutName = shortcutName
    self.body = Sequential(body())
    let layers = shortcut()
    self.shortcut = layers.isEmpty ? nil : Sequential(layers)
  }

  /// Adds both branches and their sum.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    func buildAll(_ graph: inout GraphBuilder) throws(NetworkError) -> NodeID {
      let main = try body.build(in: &graph, after: input, name: branchName)
      let other = try shortcut?.build(in: &graph, after: input, name: shortcutName) ?? input
      return try graph.add(Add(), inputs: [main, other])
    }
    guard let name else { return try buildAll(&graph) }
    return try graph.group(name, buildAll)
  }
}
