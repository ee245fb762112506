/// A branch with an end of its own, such as a loss: what follows goes on with the value before it.
///
///     Auxiliary("early") {
///       GlobalAveragePooling()
///       Linear(10)
///       SoftmaxCrossEntropy().weighted(0.3)
///     }
public struct Auxiliary: Layer {
  private let name: String?
  private let layers: Sequential

  /// Creates a branch.
  ///
  /// - Parameters:
  ///   - name: What the names of its layers begin with; nil for nothing.
  ///   - layers: The layers; the last one is a loss or an `Output`.
  public init(_ name: String? = nil, @LayerBuilder _ layers: () -> [any Layer]) {
    self.name = name
    self.layers = Sequential(layers())
  }

  /// Adds the branch and returns the value that it reads.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    _ = try layers.build(in: &graph, after: input, name: name ?? self.name)
    return input
  }
}

/// Marks the value before it as one that the network hands out.
public struct Output: Layer {
  /// Creates a mark.
  public init() {}

  /// Marks the value and returns it; a mark adds no node and needs no name.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    try graph.markOutput(input)
    return input
  }
}

/// A loss with a weight: networks are trained on the weighted sum of their losses.
public struct Weighted: Layer {
  private let loss: any NetworkOperation
  private let weight: Float

  init(_ loss: any NetworkOperation, weight: Float) {
    self.loss = loss
    self.weight = weight
  }

  /// Adds the loss and its weight.
  public func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let node = try graph.add(loss, inputs: [input], name: name)
    try graph.weigh(node, by: weight)
    return node
  }
}

extension NetworkOperation {
  /// This loss with a weight, above 0; without one it is 1.
  public func weighted(_ weight: Float) -> Weighted { Weighted(self, weight: weight) }
}
