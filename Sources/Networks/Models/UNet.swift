/// One level of a U-Net: two convolutions, the levels below it beside a skip connection, and two
/// convolutions more (Ronneberger and others 2015, arXiv 1505.04597; Çiçek and others 2016, arXiv
/// 1606.06650 for volumes).
private struct UNetLevel: Layer {
  /// The channels of this level and of those below it.
  let channels: ArraySlice<Int>
  /// What doubles the extents of the map from the level below, for so many channels of this level.
  let enlarging: @Sendable (_ channels: Int) -> any Layer

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
            UNetLevel(channels: below, enlarging: enlarging).named("below")
            enlarging(width)
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
      UNetLevel(channels: [width, 2 * width, 4 * width]) { _ in Upsampling(2) }
        .named("level")
      Convolution(1, channels: classes).named("scores")
      SoftDice()
    }
  }

  /// The U-Net that gives every pixel of an image, or of a volume, a class: four levels down and four up
  /// by transposed convolutions, with padding and batch normalisation, soft Dice loss.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample; its extents are multiples of 16.
  ///   - classes: The number of classes; the first is the background.
  ///   - width: The channels of the first level; each below has twice as many.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input's extents are no multiples of 16.
  public static func unet(
    input: Shape, classes: Int, width: Int = 64
  ) throws(NetworkError) -> Network {
    guard !input.spatial.isEmpty, input.spatial.allSatisfy({ $0 % 16 == 0 }) else {
      throw NetworkError(
        layer: "unet",
        reason:
          "the input's extents must be multiples of 16, since its maps are halved four times; "
          + "they are those of \(input)")
    }
    return try Network("unet", input: input) {
      UNetLevel(channels: [1, 2, 4, 8, 16].map { $0 * width }[...]) { channels in
        TransposedConvolution(2, channels: channels, stride: 2)
      }
      .named("level")
      Convolution(1, channels: classes).named("scores")
      SoftDice()
    }
  }
}
