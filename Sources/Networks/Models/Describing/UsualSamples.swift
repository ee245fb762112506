/// The samples that a model was made for.
struct UsualSamples {
  /// The shape of one.
  let shape: Shape
  /// The number of classes of samples, or of pixels.
  let classCount: Int

  /// Those of MNIST and Fashion-MNIST.
  static let smallImages = UsualSamples(shape: Shape(28, 28, channels: 1), classCount: 10)

  /// Those of ImageNet, cut to their usual size.
  static let imageNet = UsualSamples(shape: Shape(224, 224, channels: 3), classCount: 1000)
}
