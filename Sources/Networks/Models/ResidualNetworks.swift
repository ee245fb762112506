/// The basic block of residual networks: two 3×3 convolutions and a shortcut (He and others 2015,
/// arXiv 1512.03385, section 3).
struct BasicBlock: Layer {
  let inputChannels: Int
  let channels: Int
  let stride: Int
  let rectifier: ReLU

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let changesShape = stride != 1 || inputChannels != channels
    let block = Sequential([
      Residual {
        Convolution(3, channels: channels, stride: AxisValues([stride]), padding: 1, bias: false)
        BatchNormalization()
        rectifier
        Convolution(3, channels: channels, padding: 1, bias: false)
        BatchNormalization()
      } shortcut: {
        if changesShape {
          Convolution(1, channels: channels, stride: AxisValues([stride]), bias: false)
            .named("conv")
          BatchNormalization().named("bn")
        }
      },
      rectifier,
    ])
    return try block.build(in: &graph, after: input, name: name)
  }
}

extension Network {
  /// A residual network of three basic blocks on a 3×3 stem.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  ///   - width: The channels of the stem and the first block; the others have twice and four times
  ///     as many.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func resnet8(
    input: Shape, classes: Int, width: Int = 16
  ) throws(NetworkError) -> Network {
    try residual(
      "resnet8", input: input, classes: classes, width: width, blocksPerStage: [1, 1, 1])
  }

  /// ResNet-18 with the 3×3 stem of stride 1 that suits small images, widths 64 to 512.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  ///   - width: The channels of the stem and the first stage; each later stage has twice as many.
  ///   - negativeSlope: The slope of the rectifiers below 0; `resnet18-leaky` if it is not 0.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func resnet18(
    input: Shape, classes: Int, width: Int = 64, negativeSlope: Float = 0
  ) throws(NetworkError) -> Network {
    try residual(
      negativeSlope == 0 ? "resnet18" : "resnet18-leaky", input: input, classes: classes,
      width: width, blocksPerStage: [2, 2, 2, 2], rectifier: ReLU(negativeSlope: negativeSlope))
  }

  private static func residual(
    _ name: String, input: Shape, classes: Int, width: Int, blocksPerStage: [Int],
    rectifier: ReLU = ReLU()
  ) throws(NetworkError) -> Network {
    var blocks: [BasicBlock] = []
    var channels = width
    for (stage, count) in blocksPerStage.enumerated() {
      for block in 0..<count {
        let width = width << stage
        blocks.append(
          BasicBlock(
            inputChannels: channels, channels: width, stride: stage > 0 && block == 0 ? 2 : 1,
            rectifier: rectifier))
        channels = width
      }
    }
    return try Network(name, input: input) {
      Named("stem") {
        Convolution(3, channels: width, padding: 1, bias: false).named("conv")
        BatchNormalization().named("bn")
        rectifier
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
