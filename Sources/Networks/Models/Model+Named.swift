extension Model {
  /// The models that have a name without parameters, in the order of the list of families.
  public static let named: [Model] = ModelDescription.all.flatMap { family in
    family.shortNames.compactMap { shortName in
      ModelSettings(shortName.given, of: family.parameters).map { Model(family, $0) }
    }
  }

  /// LeNet-5.
  public static let lenet = model("lenet")
  /// Five convolutions in the manner of VGG.
  public static let vgg8 = model("vgg8")
  /// VGG-16.
  public static let vgg16 = model("vgg16")
  /// Three residual blocks.
  public static let resnet8 = model("resnet8")
  /// ResNet-18 for small images.
  public static let resnet18 = model("resnet18")
  /// ResNet-18 with leaky rectifiers.
  public static let resnet18Leaky = model("resnet18-leaky")
  /// ResNet-50.
  public static let resnet50 = model("resnet50")
  /// Nine reversible blocks.
  public static let revnet = model("revnet")
  /// DenseNet-121.
  public static let densenet121 = model("densenet121")
  /// GoogLeNet.
  public static let googlenet = model("googlenet")
  /// MobileNetV2.
  public static let mobilenetV2 = model("mobilenet-v2")
  /// ShuffleNet V2.
  public static let shufflenetV2 = model("shufflenet-v2")
  /// U-Net.
  public static let unet = model("unet")
  /// A small U-Net for volumes.
  public static let unet3dSmall = model("unet3d-small")

  private static func model(_ name: String) -> Model {
    guard let model = named.first(where: { $0.name == name }) else {
      preconditionFailure("no family has a model of the name \(name)")
    }
    return model
  }
}
