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
