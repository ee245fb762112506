import Networks
import Testing

@Suite struct ModelTests {
  /// Parameters and multiplications of convolutions and linear layers of a sample, as published for
  /// 1000 classes and 224×224 images of three channels.
  @Test(arguments: [
    (Model.vgg16, 138_357_544, 15_470_264_320), (.resnet50, 25_557_032, 4_089_184_256),
    (.densenet121, 7_978_856, 2_834_161_664), (.googlenet, 6_624_904, 1_498_376_192),
    (.mobilenetV2, 3_504_872, 300_774_272),
    (.shufflenetV2, 2_278_604, 144_907_992),
  ])
  func largeModelsAreThePublishedOnes(model: Model, parameters: Int, products: Int) throws {
    let network = try model.network(
      input: model.usualInput, classes: model.usualClassCount)
    #expect(network.parameterCount == parameters)
    #expect(network.multiplyAccumulateCount == products)
  }

  /// The parameters of the usual implementation with transposed convolutions, for images of three
  /// channels and two classes: as many as its authors' readers count.
  @Test func theUNetHasTheUsualParameters() throws {
    let network = try Model.unet.network(input: Shape(64, 64, channels: 3), classes: 2)
    #expect(network.parameterCount == 31_037_698)
    #expect(throws: NetworkError.self) {
      try Model.unet.network(input: Shape(64, 40, channels: 3), classes: 2)
    }
  }

  /// Parameters as torchvision counts them.
  @Test(arguments: [
    ("resnet:18,stem=7", 11_689_512), ("resnet:34", 21_797_672), ("resnet:101", 44_549_160),
    ("resnet:152", 60_192_808), ("densenet:161", 28_681_000), ("densenet:169", 14_149_480),
    ("densenet:201", 20_013_928), ("vgg:11", 132_863_336), ("vgg:13", 133_047_848),
    ("vgg:19", 143_667_240), ("shufflenet-v2:0.5", 1_366_792), ("shufflenet-v2:1.5", 3_503_624),
    ("shufflenet-v2:2", 7_393_996), ("mobilenet-v2:0.5", 1_968_680),
    ("mobilenet-v2:1.4", 6_108_776),
  ])
  func variantsHaveThePublishedParameters(spelling: String, parameters: Int) throws {
    let model = try Model(spelling)
    let network = try model.network(input: Shape(224, 224, channels: 3), classes: 1000)
    #expect(network.parameterCount == parameters)
  }

  @Test(arguments: Model.named)
  func theUsualInputFits(model: Model) throws {
    let network = try model.network(
      input: model.usualInput, classes: model.usualClassCount)
    #expect(network.name == model.name)
    #expect(network.classCount == model.usualClassCount)
    #expect(network.inputShape == model.usualInput)
  }

  /// What full storage keeps of a sample of ResNet-50 for its backward pass, counted by hand:
  /// inputs of convolutions and normalisations, and the pooling's indices.
  @Test func inputsOfResNet50AreTheKnownOnes() throws {
    let network = try Model.resnet50.network(
      input: Model.resnet50.usualInput, classes: 1000)
    func inputs(of kind: String) -> Int {
      let read = network.nodes.filter { $0.operation.kind == kind }.flatMap(\.inputs)
      return Set(read).reduce(0) { $0 + network.nodes[$1].outputShape.elementCount }
    }
    #expect(inputs(of: "conv") == 9_056_768)
    #expect(inputs(of: "bn") == 11_113_984)
  }
}
