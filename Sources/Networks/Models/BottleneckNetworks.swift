/// The bottleneck block of residual networks: a 1×1, a 3×3 and a 1×1 convolution with four times the
/// channels, and a shortcut (He and others 2015, arXiv 1512.03385, section 4).
///
/// A stride is that of the 3×3 convolution, as in today's frameworks; the paper has it before.
struct BottleneckBlock: Layer {
  /// The channels of the output over those of the first two convolutions.
  static let expansion = 4

  let inputChannels: Int
  let channels: Int
  let stride: Int

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let outputChannels = Self.expansion * channels
    let changesShape = stride != 1 || inputChannels != outputChannels
    let block = Sequential([
      Residual {
        Convolution(1, channels: channels, bias: false)
        BatchNormalization()
        ReLU()
        Convolution(3, channels: channels, stride: AxisValues([stride]), padding: 1, bias: false)
        BatchNormalization()
        ReLU()
        Convolution(1, channels: outputChannels, bias: false)
        BatchNormalization()
      } shortcut: {
        if changesShape {
          Convolution(1, channels: outputChannels, stride: AxisValues([stride]), bias: false)
            .named("conv")
          BatchNormalization().named("bn")
        }
      },
      ReLU(),
    ])
    return try block.build(in: &graph, after: input, name: name)
  }
}

extension Network {
  /// ResNet-50: sixteen bottleneck blocks on a 7×7 stem with max-pooling.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  ///   - width: The channels of the stem and, before their expansion, of the first blocks.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func resnet50(
    input: Shape, classes: Int, width: Int = 64
  ) throws(NetworkError) -> Network {
    var blocks: [BottleneckBlock] = []
    var channels = width
    for (stage, count) in [3, 4, 6, 3].enumerated() {
      for block in 0..<count {
        blocks.append(
          BottleneckBlock(
            inputChannels: channels, channels: width << stage,
            stride: stage > 0 && block == 0 ? 2 : 1))
        channels = BottleneckBlock.expansion * (width << stage)
      }
    }
    return try Network("resnet50", input: input) {
      Named("stem") {
        Convolution(7, channels: width, stride: 2, padding: 3, bias: false).named("conv")
        BatchNormalization().named("bn")
        ReLU()
        MaxPooling(3, stride: 2, padding: 1).named("pool")
      }
      for (index, block) in blocks.enumerated() {
        block.named("block\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
