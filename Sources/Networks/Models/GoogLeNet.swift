extension ModelParameter {
  fileprivate static let blocks = ModelParameter(
    "blocks", "the inception blocks at each size of map, the first ones of 2, 5 and 2",
    .counts(3...3, upTo: 5, names: []), usual: .counts([2, 5, 2]))
}

extension ModelDescription {
  /// Inception blocks on a 7×7 stem, with batch normalisation and without auxiliary classifiers and
  /// dropout.
  static let googlenet = ModelDescription(
    "googlenet", "inception blocks, batch normalisation, one classifier",
    parameters: [.width, .blocks],
    shortNames: [
      ShortName(
        "googlenet", "GoogLeNet: nine inception blocks, batch normalisation, one classifier", [:])
    ],
    usualSamples: .imageNet, build: Network.googlenet)
}

/// A convolution with batch normalisation and a rectifier, as GoogLeNet is made of.
private func basicConvolution(
  _ kernel: Int, channels: Int, stride: Int = 1
) -> Sequential {
  Sequential([
    Convolution(
      AxisValues([kernel]), channels: channels, stride: AxisValues([stride]),
      padding: AxisValues([kernel / 2]), bias: false
    ).named("conv"),
    BatchNormalization(epsilon: 1e-3).named("bn"),
    ReLU().named("relu"),
  ])
}

/// An inception block: four branches side by side (Szegedy and others 2014, arXiv 1409.4842, figure 2b).
///
/// The third branch has a 3×3 kernel, as in torchvision, where the paper has 5×5.
private struct Inception: Layer {
  /// The channels of the 1×1 branch, of the two branches with a 1×1 before their 3×3, and of the branch
  /// with a pooling.
  let channels: (Int, (Int, Int), (Int, Int), Int)

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let branches = [
      Sequential([basicConvolution(1, channels: channels.0)]),
      Sequential([
        basicConvolution(1, channels: channels.1.0).named("0"),
        basicConvolution(3, channels: channels.1.1).named("1"),
      ]),
      Sequential([
        basicConvolution(1, channels: channels.2.0).named("0"),
        basicConvolution(3, channels: channels.2.1).named("1"),
      ]),
      Sequential([
        MaxPooling(3, stride: 1, padding: 1, ceilMode: true).named("0"),
        basicConvolution(1, channels: channels.3).named("1"),
      ]),
    ]
    func buildAll(_ graph: inout GraphBuilder) throws(NetworkError) -> NodeID {
      var values: [NodeID] = []
      for (index, branch) in branches.enumerated() {
        values.append(try branch.build(in: &graph, after: input, name: "branch\(index + 1)"))
      }
      return try graph.add(Concatenation(), inputs: values, name: "concat")
    }
    guard let name else { return try buildAll(&graph) }
    return try graph.group(name, buildAll)
  }
}

extension Network {
  fileprivate static func googlenet(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    func inception(
      _ name: String, _ first: Int, _ second: (Int, Int), _ third: (Int, Int), _ fourth: Int
    ) -> any Layer {
      Inception(
        channels: (
          settings.scaled(first), (settings.scaled(second.0), settings.scaled(second.1)),
          (settings.scaled(third.0), settings.scaled(third.1)), settings.scaled(fourth)
        )
      ).named("inception\(name)")
    }
    let counts = settings.counts(.blocks)
    let (third, fourth, fifth) = (
      [
        inception("3a", 64, (96, 128), (16, 32), 32),
        inception("3b", 128, (128, 192), (32, 96), 64),
      ],
      [
        inception("4a", 192, (96, 208), (16, 48), 64),
        inception("4b", 160, (112, 224), (24, 64), 64),
        inception("4c", 128, (128, 256), (24, 64), 64),
        inception("4d", 112, (144, 288), (32, 64), 64),
        inception("4e", 256, (160, 320), (32, 128), 128),
      ],
      [
        inception("5a", 256, (160, 320), (32, 128), 128),
        inception("5b", 384, (192, 384), (48, 128), 128),
      ]
    )
    return try Network(name, input: input) {
      basicConvolution(7, channels: settings.scaled(64), stride: 2).named("conv1")
      MaxPooling(3, stride: 2, ceilMode: true).named("maxpool1")
      basicConvolution(1, channels: settings.scaled(64)).named("conv2")
      basicConvolution(3, channels: settings.scaled(192)).named("conv3")
      MaxPooling(3, stride: 2, ceilMode: true).named("maxpool2")
      Array(third.prefix(counts[0]))
      MaxPooling(3, stride: 2, ceilMode: true).named("maxpool3")
      Array(fourth.prefix(counts[1]))
      MaxPooling(2, stride: 2, ceilMode: true).named("maxpool4")
      Array(fifth.prefix(counts[2]))
      GlobalAveragePooling().named("avgpool")
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
