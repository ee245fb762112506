extension Network {
  /// Five 3×3 convolutions of 32 to 128 channels in the manner of VGG, without normalisation.
  ///
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func vgg8(input: Shape, classes: Int) throws(NetworkError) -> Network {
    try Network("vgg8", input: input) {
      for channels in [32, 64] {
        Convolution(3, channels: channels, padding: 1)
        ReLU()
        Convolution(3, channels: channels, padding: 1)
        ReLU()
        MaxPooling(2)
      }
      Convolution(3, channels: 128, padding: 1)
      ReLU()
      GlobalAveragePooling()
      Linear(classes)
      SoftmaxCrossEntropy()
    }
  }
}
