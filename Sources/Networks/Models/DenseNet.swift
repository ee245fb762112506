extension ModelParameter {
  fileprivate static let depth = ModelParameter(
    required: "depth", "the number of layers with weights, or the layers of each block",
    .counts(2...8, upTo: 256, names: publishedDenseNets))
  fileprivate static let growth = ModelParameter(
    "growth", "the channels that each layer adds; the stem has twice as many", .wholes(1...1024),
    usual: "48 for depth 161, else 32"
  ) { settings in
    settings.counts(.depth) == [6, 12, 36, 24] ? .whole(48) : .whole(32)
  }
}

/// The published networks of four blocks (table 1 of the paper; 161 as in torchvision).
private let publishedDenseNets: [(name: String, counts: [Int])] = [
  ("121", [6, 12, 24, 16]), ("161", [6, 12, 36, 24]), ("169", [6, 12, 32, 32]),
  ("201", [6, 12, 48, 32]),
]

extension ModelDescription {
  /// Densely connected networks on a 7×7 stem.
  static let densenet = ModelDescription(
    "densenet", "densely connected networks, batch normalisation", parameters: [.depth, .growth],
    shortNames: [
      ShortName(
        "densenet121", "DenseNet-121: four blocks of 6 to 24 dense layers, batch normalisation",
        ["depth": .counts([6, 12, 24, 16])])
    ],
    usualSamples: .imageNet, build: Network.densenet)
}

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
  fileprivate static func densenet(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    let growth = settings.whole(.growth)
    return try Network(name, input: input) {
      Named("features") {
        Convolution(7, channels: 2 * growth, stride: 2, padding: 3, bias: false).named("conv0")
        BatchNormalization().named("norm0")
        ReLU().named("relu0")
        MaxPooling(3, stride: 2, padding: 1).named("pool0")
        for (index, count) in settings.counts(.depth).enumerated() {
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
