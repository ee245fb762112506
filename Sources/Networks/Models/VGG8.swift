extension ModelDescription {
  /// Five 3×3 convolutions in the manner of VGG, without normalisation.
  static let vgg8 = ModelDescription(
    "vgg8", "five 3×3 convolutions, no normalisation", parameters: [.width],
    shortNames: [
      ShortName("vgg8", "five 3×3 convolutions of 32 to 128 channels, no normalisation", [:])
    ],
    usualSamples: .smallImages, build: Network.vgg8)
}

extension Network {
  fileprivate static func vgg8(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    try Network(name, input: input) {
      for channels in [settings.scaled(32), settings.scaled(64)] {
        Convolution(3, channels: channels, padding: 1)
        ReLU()
        Convolution(3, channels: channels, padding: 1)
        ReLU()
        MaxPooling(2)
      }
      Convolution(3, channels: settings.scaled(128), padding: 1)
      ReLU()
      GlobalAveragePooling()
      Linear(classes)
      SoftmaxCrossEntropy()
    }
  }
}
