/// An inverted residual block: a 1×1 convolution to more channels, a depthwise 3×3, and a 1×1 back to
/// few without an activation (Sandler and others 2018, arXiv 1801.04381, section 3.3).
private struct InvertedResidual: Layer {
  let channels: Int
  let stride: Int
  /// The channels of the depthwise convolution over those of the input.
  let expansion: Int

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let inputChannels = graph.shape(of: input).channels
    let wide = expansion * inputChannels
    let body = Sequential([
      expansion == 1
        ? Sequential([])
        : Named("expand") {
          Convolution(1, channels: wide, bias: false).named("conv")
          BatchNormalization().named("bn")
          Activation(.relu6).named("relu6")
        },
      Named("depthwise") {
        Convolution(
          3, channels: wide, stride: AxisValues([stride]), padding: 1, groups: wide, bias: false
        ).named("conv")
        BatchNormalization().named("bn")
        Activation(.relu6).named("relu6")
      },
      Named("project") {
        Convolution(1, channels: channels, bias: false).named("conv")
        BatchNormalization().named("bn")
      },
    ])
    let isResidual = stride == 1 && inputChannels == channels
    let block: any Layer = isResidual ? Residual { body } : body
    return try block.build(in: &graph, after: input, name: name)
  }
}

extension Network {
  /// MobileNetV2: seventeen inverted residual blocks; without dropout.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  ///   - width: The channels of the stem, a multiple of 4; all others change with it.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func mobilenetV2(
    input: Shape, classes: Int, width: Int = 32
  ) throws(NetworkError) -> Network {
    let stages: [(expansion: Int, channels: Int, count: Int, stride: Int)] = [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ]
    var blocks: [InvertedResidual] = []
    for stage in stages {
      for index in 0..<stage.count {
        blocks.append(
          InvertedResidual(
            channels: stage.channels * width / 32, stride: index == 0 ? stage.stride : 1,
            expansion: stage.expansion))
      }
    }
    return try Network("mobilenet-v2", input: input) {
      Named("stem") {
        Convolution(3, channels: width, stride: 2, padding: 1, bias: false).named("conv")
        BatchNormalization().named("bn")
        Activation(.relu6).named("relu6")
      }
      for (index, block) in blocks.enumerated() {
        block.named("block\(index + 1)")
      }
      Named("last") {
        Convolution(1, channels: 40 * width, bias: false).named("conv")
        BatchNormalization().named("bn")
        Activation(.relu6).named("relu6")
      }
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
