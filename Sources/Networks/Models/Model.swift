/// A network that comes with the library, by name.
public enum Model: String, CaseIterable, Sendable {
  case lenet
  case vgg8
  case resnet8
  case resnet18

  /// What it is, in a few words.
  public var summary: String {
    switch self {
    case .lenet: "LeNet-5: two 5×5 convolutions, three linear layers"
    case .vgg8: "five 3×3 convolutions of 32 to 128 channels, no normalisation"
    case .resnet8: "three residual blocks of 16 to 64 channels, batch normalisation"
    case .resnet18: "ResNet-18 with a 3×3 stem, 64 to 512 channels, batch normalisation"
    }
  }

  /// Builds the network.
  ///
  /// - Parameters:
  ///   - input: The shape of one sample.
  ///   - classes: The number of classes.
  /// - Returns: The network.
  /// - Throws: `NetworkError` that names the layer for which the input is too small.
  public func network(input: Shape, classes: Int) throws(NetworkError) -> Network {
    switch self {
    case .lenet: try .lenet(input: input, classes: classes)
    case .vgg8: try .vgg8(input: input, classes: classes)
    case .resnet8: try .resnet8(input: input, classes: classes)
    case .resnet18: try .resnet18(input: input, classes: classes)
    }
  }
}
