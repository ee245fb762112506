import TestSupport
import Testing

@testable import Networks

@Suite struct ModelSpellingTests {
  /// The names that there were before models had parameters: they stay, and are what is printed.
  @Test func modelsWithNamesKeepThem() throws {
    #expect(
      Model.named.map(\.name) == [
        "lenet", "vgg8", "vgg16", "resnet8", "resnet18", "resnet18-leaky", "resnet50", "revnet",
        "densenet121", "googlenet", "mobilenet-v2", "shufflenet-v2", "unet", "unet3d-small",
      ])
    let constants: [Model] = [
      .lenet, .vgg8, .vgg16, .resnet8, .resnet18, .resnet18Leaky, .resnet50, .revnet, .densenet121,
      .googlenet, .mobilenetV2, .shufflenetV2, .unet, .unet3dSmall,
    ]
    #expect(constants == Model.named)
    for model in Model.named { #expect(try Model(model.name) == model) }
  }

  @Test(arguments: [
    ("resnet:18", "resnet18"), ("resnet,depth=18", "resnet18"),
    ("resnet:18,slope=0.01", "resnet18-leaky"), ("resnet18,stem=3,width=1.0", "resnet18"),
    ("resnet18,width=0.5", "resnet:18,width=0.5"), ("resnet:34", "resnet:34"),
    ("resnet:34,stem=7", "resnet:34"), ("resnet:34,stem=3", "resnet:34,stem=3"),
    ("resnet:18,stem=7", "resnet:18,stem=7"), ("resnet:50,slope=0", "resnet50"),
    ("resnet18-leaky,width=2", "resnet:18,width=2,slope=0.01"),
    ("densenet:121", "densenet121"), ("densenet:6/12/24/16", "densenet121"),
    ("densenet:121,growth=16", "densenet:121,growth=16"),
    ("densenet:161,growth=48", "densenet:161"),
    ("densenet:161,growth=32", "densenet:161,growth=32"),
    ("densenet:2/3", "densenet:2/3"), ("vgg:16", "vgg16"), ("vgg:19,width=1", "vgg:19"),
    ("vgg8:0.5", "vgg8:0.5"), ("vgg8:1", "vgg8"), ("lenet,width=2.0", "lenet:2"),
    ("mobilenet-v2:0.5", "mobilenet-v2:0.5"), ("mobilenet-v2,width=0.50", "mobilenet-v2:0.5"),
    ("shufflenet-v2,width=1.5", "shufflenet-v2:1.5"),
    ("googlenet,blocks=1/1/1", "googlenet,blocks=1/1/1"), ("unet:5", "unet"),
    ("unet,width=0.25", "unet,width=0.25"), ("unet:3,width=0.25", "unet:3,width=0.25"),
    ("unet3d-small:3", "unet3d-small"), ("revnet,blocks=1/2", "revnet,blocks=1/2"),
  ])
  func spellingsHaveACanonicalOne(text: String, canonical: String) throws {
    let model = try Model(text)
    #expect(model.name == canonical)
    #expect("\(model)" == canonical)
    let network = try model.network(
      input: model.usualInput, classes: model.usualClassCount)
    #expect(network.name == canonical)
  }

  /// Names are read back as the same model, and nothing in them can be left out.
  @Test(arguments: ModelDescription.all.map(\.name))
  func namesAreReadBackAndAreShort(family name: String) throws {
    let family = try #require(ModelDescription.all.first { $0.name == name })
    var random = TestRandom(seed: 11)
    for _ in 0..<200 {
      var given: [String: ModelParameterValue] = [:]
      for parameter in family.parameters where parameter.isRequired || Bool.random(using: &random) {
        given[parameter.name] = Self.value(parameter.permitted, &random)
      }
      let model = Model(family, try #require(ModelSettings(given, of: family.parameters)))
      let again = try Model(model.name)
      #expect(again.settings == model.settings)
      #expect(again.name == model.name)
      let parts = model.name.split(separator: ",")
      for left in parts.indices.dropFirst() {
        var shorter = parts
        shorter.remove(at: left)
        #expect(try Model(shorter.joined(separator: ",")).settings != model.settings)
      }
    }
  }

  /// One of the values that are permitted, often the least or the largest.
  private static func value(
    _ permitted: PermittedValues, _ random: inout TestRandom
  ) -> ModelParameterValue {
    switch permitted {
    case .choice(let values): values[Int.random(in: values.indices, using: &random)]
    case .wholes(let range):
      .whole(Bool.random(using: &random) ? range.upperBound : Int.random(in: range, using: &random))
    case .numbers(let range):
      .number(
        [range.lowerBound, range.upperBound, 0.5, Double.random(in: range, using: &random)][
          Int.random(in: 0..<4, using: &random)])
    case .counts(let length, let most, let names):
      names.isEmpty || Bool.random(using: &random)
        ? .counts(
          (0..<Int.random(in: length, using: &random)).map { _ in
            Int.random(in: 1...most, using: &random)
          })
        : .counts(names[Int.random(in: names.indices, using: &random)].counts)
    }
  }

  /// What each parameter's bounds and choices build, each alone.
  @Test(arguments: ModelDescription.all.map(\.name))
  func whatIsPermittedCanBeBuilt(family name: String) throws {
    let family = try #require(ModelDescription.all.first { $0.name == name })
    let usual = try #require(family.shortNames.first)
    for parameter in family.parameters {
      let values: [ModelParameterValue] =
        switch parameter.permitted {
        case .choice(let values): values
        case .wholes(let range): [.whole(range.lowerBound), .whole(min(range.upperBound, 64))]
        case .numbers(let range): [.number(range.lowerBound), .number(min(range.upperBound, 2))]
        case .counts(let length, _, let names):
          names.map { .counts($0.counts) } + [
            .counts(Array(repeating: 2, count: length.lowerBound))
          ]
        }
      for value in values {
        var given = usual.given
        given[parameter.name] = value
        let model = Model(family, try #require(ModelSettings(given, of: family.parameters)))
        let network = try model.network(input: model.usualInput, classes: 7)
        #expect(network.name == model.name)
        #expect(network.classCount == 7)
      }
    }
  }

  @Test(arguments: [
    ("", "there is no model ''"), ("vgg88", "did you mean 'vgg8'?"),
    ("resnet34", "did you mean 'resnet:34'?"), ("mobilenetv2", "did you mean 'mobilenet-v2'?"),
    ("transformer", "which has lenet, vgg8, vgg, resnet,"),
    ("transformer", "in the list of 'tidemark models'"),
    ("vgg", "vgg needs its depth, such as vgg:16; it may be 11, 13, 16 or 19"),
    ("resnet,width=0.5", "resnet needs its depth, such as resnet:50"),
    ("resnet:", "the depth of resnet is ''; it must be 8, 18, 34, 50, 101 or 152"),
    ("resnet:20", "the depth of resnet is '20'; it must be 8, 18,"),
    ("resnet:18,widht=1", "resnet has no parameter 'widht'; it has depth, width, stem and slope"),
    ("resnet:18,", "resnet has no parameter ''"),
    ("lenet,depth=3", "lenet has no parameter 'depth'; it has width"),
    ("resnet:18,width=0", "the width of resnet is '0'; it must be a number from 0.01 to 16"),
    ("resnet:18,width", "the width of resnet is ''"), ("resnet:18,width=nan", "is 'nan'"),
    ("resnet:18,width=17", "is '17'"), ("resnet:18,stem=5", "it must be 3 or 7"),
    ("resnet:18,width=1,width=2", "'resnet:18,width=1,width=2' sets width twice; keep one"),
    ("resnet:18,depth=34", "sets depth twice"),
    ("resnet18:34", "resnet18 says its depth itself; write resnet:DEPTH[,width=…]"),
    ("resnet18,depth=34", "resnet18 says its depth itself"),
    ("densenet:122", "it must be 121, 161, 169, 201 or 2 to 8 whole numbers from 1 to 256"),
    ("densenet:6", "the depth of densenet is '6'"), ("densenet:6/0", "'6/0'"),
    ("densenet:6//2", "'6//2'"), ("densenet:121,growth=0", "a whole number from 1 to 1024"),
    ("shufflenet-v2:0.7", "it must be 0.5, 1, 1.5 or 2"),
    ("mobilenet-v2,blocks=1/2", "it must be 7 whole numbers from 1 to 64"),
    ("unet:1", "the depth of unet is '1'; it must be a whole number from 2 to 6"),
  ])
  func wrongSpellingsAreExplained(text: String, part: String) {
    let error = #expect(throws: ModelSpellingError.self) { try Model(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasSuffix(".") == false)
  }
}
