extension ModelParameter {
  fileprivate static let depth = depth(usual: 5)
  fileprivate static let smallDepth = depth(usual: 3)

  private static func depth(usual: Int) -> ModelParameter {
    ModelParameter(
      "depth", "the levels of maps, each of half the extent and twice the channels of that above",
      .wholes(2...6), usual: .whole(usual))
  }
}

extension ModelDescription {
  /// The U-Net for images, or volumes: transposed convolutions on the way up, with padding and batch
  /// normalisation, soft Dice loss.
  static let unet = ModelDescription(
    "unet", "U-Nets with transposed convolutions; soft Dice loss", parameters: [.depth, .width],
    shortNames: [
      ShortName(
        "unet",
        "U-Net: five levels of 64 to 1024 channels, gives every pixel a class; soft Dice loss", [:])
    ],
    usualSamples: UsualSamples(shape: Shape(256, 256, channels: 1), classCount: 3)
  ) { name, input, classes, settings throws(NetworkError) in
    try Network.unet(
      name, input: input, classes: classes, depth: settings.whole(.depth),
      width: settings.scaled(64)
    ) { TransposedConvolution(2, channels: $0, stride: 2) }
  }

  /// A small U-Net for volumes, or images: nearest pixels on the way up, soft Dice loss.
  static let unet3dSmall = ModelDescription(
    "unet3d-small", "U-Nets that repeat pixels on the way up; soft Dice loss",
    parameters: [.smallDepth, .width],
    shortNames: [
      ShortName(
        "unet3d-small", "3-D U-Net: 8 to 32 channels, gives every voxel a class; soft Dice loss",
        [:])
    ],
    usualSamples: UsualSamples(shape: Shape(32, 32, 32, channels: 1), classCount: 3)
  ) { name, input, classes, settings throws(NetworkError) in
    try Network.unet(
      name, input: input, classes: classes, depth: settings.whole(.smallDepth),
      width: settings.scaled(8)
    ) { _ in Upsampling(2) }
  }
}

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
  /// A U-Net; `enlarging` doubles the extents of the map from the level below, for so many channels.
  fileprivate static func unet(
    _ name: String, input: Shape, classes: Int, depth: Int, width: Int,
    enlarging: @escaping @Sendable (_ channels: Int) -> any Layer
  ) throws(NetworkError) -> Network {
    let divisor = 1 << (depth - 1)
    guard !input.spatial.isEmpty, input.spatial.allSatisfy({ $0 % divisor == 0 }) else {
      throw NetworkError(
        layer: name,
        reason: "the input's extents must be multiples of \(divisor), since its maps are halved "
          + "\(depth == 2 ? "once" : "\(depth - 1) times"); they are those of \(input)")
    }
    return try Network(name, input: input) {
      UNetLevel(channels: (0..<depth).map { width << $0 }[...], enlarging: enlarging)
        .named("level")
      Convolution(1, channels: classes).named("scores")
      SoftDice()
    }
  }
}
