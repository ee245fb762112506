extension Network {
  /// VGG-16: thirteen 3×3 convolutions and three linear layers (Simonyan and Zisserman 2014, arXiv
  /// 1409.1556, configuration D), without normalisation and without dropout.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample; each axis has at least 32 cells.
  ///   - classes: The number of classes.
  ///   - width: The channels of the first two convolutions; the others have up to eight times, the
  ///     linear layers 64 times as many.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if the input is too small for it.
  public static func vgg16(
    input: Shape, classes: Int, width: Int = 64
  ) throws(NetworkError) -> Network {
    let stages: [(count: Int, factor: Int)] = [(2, 1), (2, 2), (3, 4), (3, 8), (3, 8)]
    return try Network("vgg16", input: input) {
      for stage in stages {
        for _ in 0..<stage.count {
          Convolution(3, channels: stage.factor * width, padding: 1)
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
