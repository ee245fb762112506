/// A layer under a name of its own.
public struct Named: Layer {
  private let name: String
  private let layer: any Layer

  /// Names one layer, or gives the names of several a common beginning.
  public init(_ name: String, @LayerBuilder _ layers: () -> [any Layer]) {
    self.name = name
    let layers = layers()
    layer = layers.count == 1 ? layers[0] : Sequential(layers)
  }

  /// Adds the layer under its name.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    try layer.build(in: &graph, after: input, name: self.name)
  }
}

extension Layer {
  /// This layer under a name of its own.
  public func named(_ name: String) -> Named {
    Named(name) { self }
  }
}
