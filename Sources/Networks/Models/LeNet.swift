extension ModelDescription {
  /// LeNet-5 with rectifiers and max-pooling (after LeCun and others 1998).
  static let lenet = ModelDescription(
    "lenet", "two 5×5 convolutions and three linear layers", parameters: [.width],
    shortNames: [
      ShortName("lenet", "LeNet-5: two 5×5 convolutions, three linear layers", [:])
    ],
    usualSamples: .smallImages, build: Network.lenet)
}

extension Network {
  fileprivate static func lenet(
    _ name: String, input: Shape, classes: Int, settings: ModelSettings
  ) throws(NetworkError) -> Network {
    try Network(name, input: input) {
      Convolution(5, channels: settings.scaled(6), padding: 2)
      ReLU()
      MaxPooling(2)
      Convolution(5, channels: settings.scaled(16))
      ReLU()
      MaxPooling(2)
      Flatten()
      Linear(settings.scaled(120))
      ReLU()
      Linear(settings.scaled(84))
      ReLU()
      Linear(classes)
      SoftmaxCrossEntropy()
    }
  }
}
