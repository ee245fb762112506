extension Network {
  /// LeNet-5 with rectifiers and max-pooling (after LeCun and others 1998).
  ///
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func lenet(input: Shape, classes: Int) throws(NetworkError) -> Network {
    try Network("lenet", input: input) {
      Convolution(5, channels: 6, padding: 2)
      ReLU()
      MaxPooling(2)
      Convolution(5, channels: 16)
      ReLU()
      MaxPooling(2)
      Flatten()
      Linear(120)
      ReLU()
      Linear(84)
      ReLU()
      Linear(classes)
      SoftmaxCrossEntropy()
    }
  }
}
