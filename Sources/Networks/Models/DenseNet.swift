/// A block of a densely connected network: each layer reads the block's input and what all layers before
/// it made (Huang and others 2016, arXiv 1608.06993, section 3).
///
/// A layer's result is put behind the channels that it read, so that every value but the widest is read
/// by one normalisation and one concatenation.
private struct DenseBlock: Layer {
  /// The channels of the first convolution of a layer over those of the second.
  static let bottleneck = 4

  let layerCount: Int
  let growth: Int

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let layers = (1...layerCount).map { index in
      Named("denselayer\(index)") {
        Skip {
          BatchNormalization().named("norm1")
          ReLU().named("relu1")
          Convolution(1, channels: Self.bottleneck * growth, bias: false).named("conv1")
          BatchNormalization().named("norm2")
          ReLU().named("relu2")
          Convolution(3, channels: growth, padding: 1, bias: false).named("conv2")
        }
      }
    }
    return try Sequential(layers).build(in: &graph, after: input, name: name)
  }
}

/// What halves channels and extents between two dense blocks.
private struct DenseTransition: Layer {
  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let layers = Sequential([
      BatchNormalization().named("norm"),
      ReLU().named("relu"),
      Convolution(1, channels: graph.shape(of: input).channels / 2, bias: false).named("conv"),
      AveragePooling(2).named("pool"),
    ])
    return try layers.build(in: &graph, after: input, name: name)
  }
}

extension Network {
  /// DenseNet-121: four dense blocks of 6, 12, 24 and 16 layers on a 7×7 stem.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  ///   - growth: The channels that each layer adds; the stem has twice as many.
  ///   - layersPerBlock: The layers of each block; at least one.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func densenet121(
    input: Shape, classes: Int, growth: Int = 32, layersPerBlock: [Int] = [6, 12, 24, 16]
  ) throws(NetworkError) -> Network {
    try Network("densenet121", input: input) {
      Named("features") {
        Convolution(7, channels: 2 * growth, stride: 2, padding: 3, bias: false).named("conv0")
        BatchNormalization().named("norm0")
        ReLU().named("relu0")
        MaxPooling(3, stride: 2, padding: 1).named("pool0")
        for (index, count) in layersPerBlock.enumerated() {
          if index > 0 { DenseTransition().named("transition\(index)") }
          DenseBlock(layerCount: count, growth: growth).named("denseblock\(index + 1)")
        }
        BatchNormalization().named("norm5")
      }
      ReLU()
      GlobalAveragePooling()
      Linear(classes).named("classifier")
      SoftmaxCrossEntropy()
    }
  }
}
