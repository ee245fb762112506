/// One level of a U-Net: two convolutions, the levels below it beside a skip connection, and two
/// convolutions more (Ronneberger and others 2015, arXiv 1505.04597; Çiçek and others 2016, arXiv
/// 1606.06650 for volumes).
private struct UNetLevel: Layer {
  /// The channels of this level and of those below it.
  let channels: ArraySlice<Int>

  func build(
    in graph: inout GraphBuilder, after input: NodeID, name: String?
  ) throws(NetworkError) -> NodeID {
    guard let width = channels.first else { return input }
    let below = channels.dropFirst()
    let level = Sequential([
      convolutions(width).named(below.isEmpty ? "bottom" : "down"),
      below.isEmpty
        ? Sequential([])
        : Sequential([
          Skip {
            MaxPooling(2)
            UNetLevel(channels: below).named("below")
            Upsampling(2)
          },
          convolutions(width).named("up"),
        ]),
    ])
    return try level.build(in: &graph, after: input, name: name)
  }

  private func convolutions(_ width: Int) -> Sequential {
    let convolution: [any Layer] = [
      Convolution(3, channels: width, padding: 1, bias: false), BatchNormalization(), ReLU(),
    ]
    return Sequential(convolution + convolution)
  }
}

extension Network {
  /// A small U-Net that gives every pixel of a volume, or of an image, a class: two levels down and
  /// two up, soft Dice loss.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample; its extents are multiples of 4.
  ///   - classes: The number of classes; the first is the background.
  ///   - width: The channels of the first level; the others have twice and four times as many.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input's extents are no multiples of 4.
  public static func unet3dSmall(
    input: Shape, classes: Int, width: Int = 8
  ) throws(NetworkError) -> Network {
    guard !input.spatial.isEmpty, input.spatial.allSatisfy({ $0 % 4 == 0 }) else {
      throw NetworkError(
        layer: "unet3d-small",
        reason: "the input's extents must be multiples of 4, since its maps are halved twice; "
          + "they are those of \(input)")
    }
    return try Network("unet3d-small", input: input) {
      UNetLevel(channels: [width, 2 * width, 4 * width]).named("level")
      Convolution(1, channels: classes).named("scores")
      SoftDice()
    }
  }
}
