extension ModelParameter {
  fileprivate static let depth = ModelParameter(
    required: "depth", "the number of layers with weights",
    .choice([8, 18, 34, 50, 101, 152].map { .whole($0) }))
  fileprivate static let stem = ModelParameter(
    "stem",
    "the kernel of the first convolution: 3 for small images, 7 and a pooling for large ones",
    .choice([.whole(3), .whole(7)]), usual: "3 for depths 8 and 18, else 7"
  ) { settings in
    settings.whole(.depth) <= 18 ? .whole(3) : .whole(7)
  }
  fileprivate static let slope = ModelParameter(
    "slope", "the slope of the rectifiers below 0; their inputs can be recovered if it is not 0",
    .numbers(0...1), usual: .number(0))
}

extension ModelDescription {
  /// Residual networks of basic or of bottleneck blocks (He and others 2015, arXiv 1512.03385, table
  /// 1), and one of three basic blocks in the manner of those for small images (section 4.2).
  static let resnet = ModelDescription(
    "resnet", "residual networks, from depth 50 on of bottleneck blocks; batch normalisation",
    parameters: [.depth, .width, .stem, .slope],
    shortNames: [
      ShortName(
        "resnet8", "three residual blocks of 16 to 64 channels, batch normalisation",
        ["depth": .whole(8)]),
      ShortName(
        "resnet18", "ResNet-18 with a 3×3 stem, 64 to 512 channels, batch normalisation",
        ["depth": .whole(18)]),
      ShortName(
        "resnet18-leaky", "resnet18 with leaky rectifiers, whose inputs can be recovered",
        ["depth": .whole(18), "slope": .number(0.01)]),
      ShortName(
        "resnet50", "ResNet-50: sixteen bottleneck blocks on a 7×7 stem, batch normalisation",
        ["depth": .whole(50)]),
    ],
    usualSamples: { $0.whole(.stem) == 3 ? .smallImages : .imageNet }, build: Network.resnet)
}

/// The blocks of a residual network.
private struct ResidualStages {
  let blocksPerStage: [Int]
  let hasBottlenecks: Bool
  /// The channels of the stem and of the first stage at width 1.
  let channels: Int

  init(depth: Int) {
    hasBottlenecks = depth >= 50
    channels = depth == 8 ? 16 : 64
    switch depth {
    case 8: blocksPerStage = [1, 1, 1]
    case 18: blocksPerStage = [2, 2, 2, 2]
    case 34, 50: blocksPerStage = [3, 4, 6, 3]
    case 101: blocksPerStage = [3, 4, 23, 3]
    default: blocksPerStage = [3, 8, 36, 3]
    }
  }

  /// The blocks in order: each stage but the first halves the extents and doubles the channels.
  func blocks(width: Int, rectifier: ReLU) -> [any Layer] {
    var blocks: [any Layer] = []
    var inputChannels = width
    for (stage, count) in blocksPerStage.enumerated() {
      for block in 0..<count {
        let channels = width << stage
        let stride = stage > 0 && block == 0 ? 2 : 1
        if hasBottlenecks {
          blocks.append(
            BottleneckBlock(
              inputChannels: inputChannels, channels: channels, stride: stride,
              rectifier: rectifier))
          inputChannels = BottleneckBlock.expansion * channels
        } else {
          blocks.append(
            BasicBlock(
              inputChannels: inputChannels, channels: channels, stride: stride,
              rectifier: rectifier))
          inputChannels = channels
        }
      }
    }
    return blocks
  }
}

extension Network {
  fileprivate static func resnet(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    let stages = ResidualStages(depth: settings.whole(.depth))
    let stem = settings.whole(.stem)
    let width = settings.scaled(stages.channels)
    let rectifier = ReLU(negativeSlope: Float(settings.number(.slope)))
    return try Network(name, input: input) {
      Named("stem") {
        Convolution(
          AxisValues([stem]), channels: width, stride: stem == 7 ? 2 : 1,
          padding: AxisValues([stem / 2]), bias: false
        ).named("conv")
        BatchNormalization().named("bn")
        rectifier
        if stem == 7 { MaxPooling(3, stride: 2, padding: 1).named("pool") }
      }
      for (index, block) in stages.blocks(width: width, rectifier: rectifier).enumerated() {
        block.named("block\(index + 1)")
      }
      GlobalAveragePooling()
      Linear(classes).named("fc")
      SoftmaxCrossEntropy()
    }
  }
}
