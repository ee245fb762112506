extension ModelParameter {
  fileprivate static let depth = ModelParameter(
    required: "depth", "the number of layers with weights",
    .choice([11, 13, 16, 19].map { .whole($0) }))
}

extension ModelDescription {
  /// 3×3 convolutions and three linear layers (Simonyan and Zisserman 2014, arXiv 1409.1556,
  /// configurations A, B, D and E), without normalisation and without dropout.
  ///
  /// The linear layers have 64 times as many units as the first convolution has channels.
  static let vgg = ModelDescription(
    "vgg", "3×3 convolutions and three linear layers, no normalisation",
    parameters: [.depth, .width],
    shortNames: [
      ShortName(
        "vgg16", "VGG-16: thirteen 3×3 convolutions, three linear layers, no normalisation",
        ["depth": .whole(16)])
    ],
    usualSamples: .imageNet, build: Network.vgg)
}

extension Network {
  fileprivate static func vgg(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    let counts =
      switch settings.whole(.depth) {
      case 11: [1, 1, 2, 2, 2]
      case 13: [2, 2, 2, 2, 2]
      case 16: [2, 2, 3, 3, 3]
      default: [2, 2, 4, 4, 4]
      }
    let width = settings.scaled(64)
    return try Network(name, input: input) {
      for (stage, count) in counts.enumerated() {
        for _ in 0..<count {
          Convolution(3, channels: width << min(stage, 3), padding: 1)
          ReLU()
        }
        MaxPooling(2)
      }
      Flatten()
      for _ in 0..<2 {
        Linear(64 * width)
        ReLU()
      }
      Linear(classes)
      SoftmaxCrossEntropy()
    }
  }
}
