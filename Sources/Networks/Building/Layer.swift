/// A part of a network that reads one value and yields one: an operation or a block of them.
///
/// Write your own block as a type that builds itself from other layers.
public protocol Layer: Sendable {
  /// Adds this layer's nodes behind `input` and returns the node of its result.
  ///
  /// - Throws: `NetworkError` that names the layer that does not fit.
  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID
}

extension NetworkOperation {
  /// Adds one node that reads `input`.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    try graph.add(self, inputs: [input], name: name)
  }
}

/// Collects the layers of a block, one a line.
@resultBuilder
public enum LayerBuilder {
  /// A layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// Several layers.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// The lines of a block.
  public static func buildBlock(_ lines: [any Layer]...) -> [any Layer] { lines.flatMap { $0 } }
  /// A loop.
  public static func buildArray(_ rounds: [[any Layer]]) -> [any Layer] { rounds.flatMap { $0 } }
  /// A condition without alternative.
  public static func buildOptional(_ layers: [any Layer]?) -> [any Layer] { layers ?? [] }
  /// A condition's first branch.
  public static func buildEither(first layers: [any Layer]) -> [any Layer] { layers }
  /// A condition's second branch.
  public static func buildEither(second layers: [any Layer]) -> [any Layer] { layers }
}

extension Network {
  /// Builds a network from its layers, written one a line as in a paper's table.
  ///
  /// - Parameters:
  ///   - name: The network's name.
  ///   - input: The shape of one sample.
  ///   - pruning: Whether to leave out values that no loss and no output reads.
  ///   - layers: The layers in order; the last one is a loss, or its value is handed out.
  /// - Throws: `NetworkError` that names the layer that does not fit.
  public init(
    _ name: String, input: Shape, pruning: Bool = false, @LayerBuilder layers: () -> [any Layer]
  ) throws(NetworkError) {
    var graph = try GraphBuilder(name: name, input: input)
    let last = try Sequential(layers()).build(in: &graph, after: Network.input, name: nil)
    try graph.markOutputIfUnread(last)
    self = try graph.network(pruning: pruning)
  }
}
