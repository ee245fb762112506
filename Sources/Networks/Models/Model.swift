/// A network that comes with the library, by name.
public enum Model: String, CaseIterable, Sendable {
  case lenet
  case vgg8
  case vgg16
  case resnet8
  case resnet18
  case resnet18Leaky = "resnet18-leaky"
  case resnet50
  case revnet
  case densenet121
  case googlenet
  case mobilenetV2 = "mobilenet-v2"
  case shufflenetV2 = "shufflenet-v2"
  case unet
  case unet3dSmall = "unet3d-small"

  /// What it is, in a few words.
  public var summary: String {
    switch self {
    case .lenet: "LeNet-5: two 5×5 convolutions, three linear layers"
    case .vgg8: "five 3×3 convolutions of 32 to 128 channels, no normalisation"
    case .vgg16: "VGG-16: thirteen 3×3 convolutions, three linear layers, no normalisation"
    case .resnet8: "three residual blocks of 16 to 64 channels, batch normalisation"
    case .resnet18: "ResNet-18 with a 3×3 stem, 64 to 512 channels, batch normalisation"
    case .resnet18Leaky: "resnet18 with leaky rectifiers, whose inputs can be recovered"
    case .revnet: "nine reversible blocks of two streams of 32 to 128 channels, batch normalisation"
    case .resnet50: "ResNet-50: sixteen bottleneck blocks on a 7×7 stem, batch normalisation"
    case .densenet121: "DenseNet-121: four blocks of 6 to 24 dense layers, batch normalisation"
    case .googlenet: "GoogLeNet: nine inception blocks, batch normalisation, one classifier"
    case .mobilenetV2:
      "MobileNetV2: seventeen inverted residual blocks, depthwise convolutions, ReLU6"
    case .shufflenetV2: "ShuffleNet V2 of width 1: sixteen units of depthwise convolutions"
    case .unet:
      "U-Net: five levels of 64 to 1024 channels, gives every pixel a class; soft Dice loss"
    case .unet3dSmall: "3-D U-Net: 8 to 32 channels, gives every voxel a class; soft Dice loss"
    }
  }

  /// The shape of the samples that it was made for.
  public var usualInput: Shape {
    switch self {
    case .lenet, .vgg8, .resnet8, .resnet18, .resnet18Leaky, .revnet: Shape(28, 28, channels: 1)
    case .vgg16, .resnet50, .densenet121, .googlenet, .mobilenetV2, .shufflenetV2:
      Shape(224, 224, channels: 3)
    case .unet: Shape(256, 256, channels: 1)
    case .unet3dSmall: Shape(32, 32, 32, channels: 1)
    }
  }

  /// The number of classes of the samples that it was made for.
  public var usualClassCount: Int {
    switch self {
    case .lenet, .vgg8, .resnet8, .resnet18, .resnet18Leaky, .revnet: 10
    case .vgg16, .resnet50, .densenet121, .googlenet, .mobilenetV2, .shufflenetV2: 1000
    case .unet, .unet3dSmall: 3
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
    case .vgg16: try .vgg16(input: input, classes: classes)
    case .resnet8: try .resnet8(input: input, classes: classes)
    case .resnet18: try .resnet18(input: input, classes: classes)
    case .resnet18Leaky:
      try .resnet18(input: input, classes: classes, negativeSlope: 0.01)
    case .revnet: try .revnet(input: input, classes: classes)
    case .resnet50: try .resnet50(input: input, classes: classes)
    case .densenet121: try .densenet121(input: input, classes: classes)
    case .googlenet: try .googlenet(input: input, classes: classes)
    case .mobilenetV2: try .mobilenetV2(input: input, classes: classes)
    case .shufflenetV2: try .shufflenetV2(input: input, classes: classes)
    case .unet: try .unet(input: input, classes: classes)
    case .unet3dSmall: try .unet3dSmall(input: input, classes: classes)
    }
  }
}
