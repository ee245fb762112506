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
  let rectifier: ReLU

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    let outputChannels = Self.expansion * channels
    let changesShape = stride != 1 || inputChannels != outputChannels
    let block = Sequential([
      Residual {
        Convolution(1, channels: channels, bias: false)
        BatchNormalization()
        rectifier
        Convolution(3, channels: channels, stride: AxisValues([stride]), padding: 1, bias: false)
        BatchNormalization()
        rectifier
        Convolution(1, channels: outputChannels, bias: false)
        BatchNormalization()
      } shortcut: {
        if changesShape {
          Convolution(1, channels: outputChannels, stride: AxisValues([stride]), bias: false)
            .named("conv")
          BatchNormalization().named("bn")
        }
      },
      rectifier,
    ])
    return try block.build(in: &graph, after: input, name: name)
  }
}
