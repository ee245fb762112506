extension ModelParameter {
  fileprivate static let roundedWidth = ModelParameter(
    "width", "the factor of all channels but the last ones, rounded to multiples of 8",
    .numbers(0.01...16), usual: .number(1))
  fileprivate static let blocks = ModelParameter(
    "blocks", "the inverted residual blocks of each of the seven stages",
    .counts(7...7, upTo: 64, names: []), usual: .counts([1, 2, 3, 4, 3, 3, 1]))
}

extension ModelDescription {
  /// MobileNetV2, without dropout.
  static let mobilenetV2 = ModelDescription(
    "mobilenet-v2", "inverted residual blocks, depthwise convolutions, ReLU6",
    parameters: [.roundedWidth, .blocks],
    shortNames: [
      ShortName(
        "mobilenet-v2",
        "MobileNetV2: seventeen inverted residual blocks, depthwise convolutions, ReLU6", [:])
    ],
    usualSamples: .imageNet, build: Network.mobilenetV2)
}

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
  /// Channels times a width as a multiple of 8, the nearest that takes at most a tenth off them: as in
  /// the authors' code and in torchvision.
  private static func roundedToEights(_ channels: Int, width: Double) -> Int {
    let exact = Double(channels) * width
    let rounded = max(8, Int(exact + 4) / 8 * 8)
    return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
  }

  fileprivate static func mobilenetV2(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    let stages: [(expansion: Int, channels: Int, stride: Int)] = [
      (1, 16, 1), (6, 24, 2), (6, 32, 2), (6, 64, 2), (6, 96, 1), (6, 160, 2), (6, 320, 1),
    ]
    let width = settings.number(.roundedWidth)
    var blocks: [InvertedResidual] = []
    for (stage, count) in zip(stages, settings.counts(.blocks)) {
      for index in 0..<count {
        blocks.append(
          InvertedResidual(
            channels: roundedToEights(stage.channels, width: width),
            stride: index == 0 ? stage.stride : 1, expansion: stage.expansion))
      }
    }
    return try Network(name, input: input) {
      Named("stem") {
        Convolution(
          3, channels: roundedToEights(32, width: width), stride: 2, padding: 1, bias: false
        ).named("conv")
        BatchNormalization().named("bn")
        Activation(.relu6).named("relu6")
      }
      for (index, block) in blocks.enumerated() {
        block.named("block\(index + 1)")
      }
      Named("last") {
        Convolution(1, channels: roundedToEights(1280, width: max(1, width)), bias: false)
          .named("conv")
        BatchNormalization().named("bn")
        Activation(.relu6).named("relu6")
      }
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
