/// A layer whose parameters of one name are derived from stored ones.
public struct Deriving: Layer {
  private let parameter: String
  private let transform: any ParameterTransform
  private let layer: any NetworkOperation

  init(_ parameter: String, by transform: any ParameterTransform, of layer: any NetworkOperation) {
    self.parameter = parameter
    self.transform = transform
    self.layer = layer
  }

  /// Adds the layer.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let node = try graph.add(layer, inputs: [input], name: name)
    try graph.derive(parameter, of: node, by: transform)
    return node
  }
}

extension NetworkOperation {
  /// This operation with a parameter that is derived from stored ones, such as
  /// `Convolution(3, channels: 8).deriving("w", by: WeightStandardization())`.
  public func deriving(_ parameter: String, by transform: some ParameterTransform) -> Deriving {
    Deriving(parameter, by: transform, of: self)
  }
}
