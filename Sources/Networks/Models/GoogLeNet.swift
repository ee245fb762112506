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
  /// GoogLeNet: nine inception blocks on a 7×7 stem, with batch normalisation and without auxiliary
  /// classifiers and dropout.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  ///   - width: The channels of the stem, a multiple of 8; all others change with it.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func googlenet(
    input: Shape, classes: Int, width: Int = 64
  ) throws(NetworkError) -> Network {
    func scaled(_ channels: Int) -> Int { channels * width / 64 }
    func inception(
      _ name: String, _ first: Int, _ second: (Int, Int), _ third: (Int, Int), _ fourth: Int
    ) -> any Layer {
      Inception(
        channels: (
          scaled(first), (scaled(second.0), scaled(second.1)),
          (scaled(third.0), scaled(third.1)), scaled(fourth)
        )
      ).named("inception\(name)")
    }
    return try Network("googlenet", input: input) {
      basicConvolution(7, channels: width, stride: 2).named("conv1")
      MaxPooling(3, stride: 2, ceilMode: true).named("maxpool1")
      basicConvolution(1, channels: width).named("conv2")
      basicConvolution(3, channels: scaled(192)).named("conv3")
      MaxPooling(3, stride: 2, ceilMode: true).named("maxpool2")
      inception("3a", 64, (96, 128), (16, 32), 32)
      inception("3b", 128, (128, 192), (32, 96), 64)
      MaxPooling(3, stride: 2, ceilMode: true).named("maxpool3")
      inception("4a", 192, (96, 208), (16, 48), 64)
      inception("4b", 160, (112, 224), (24, 64), 64)
      inception("4c", 128, (128, 256), (24, 64), 64)
      inception("4d", 112, (144, 288), (32, 64), 64)
      inception("4e", 256, (160, 320), (32, 128), 128)
      MaxPooling(2, stride: 2, ceilMode: true).named("maxpool4")
      inception("5a", 256, (160, 320), (32, 128), 128)
      inception("5b", 384, (192, 384), (48, 128), 128)
      GlobalAveragePooling().named("avgpool")
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
