extension ModelDescription {
  /// All kinds of models that come with the library.
  public static let all: [ModelDescription] = [
    .lenet,
    .vgg8,
    .vgg,
    .resnet,
    .revnet,
    .densenet,
    .googlenet,
    .mobilenetV2,
    .shufflenetV2,
    .unet,
    .unet3dSmall,
  ]
}
