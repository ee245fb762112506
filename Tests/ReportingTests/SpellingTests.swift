import Testing

@testable import Files

@Suite struct SpellingTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "abd", 1),
    ("ab", "ba", 1), ("kitten", "sitting", 3), ("trcae", "trace", 1), ("ca", "abc", 3),
  ])
  func editDistances(first: String, second: String, expected: Int) {
    #expect(Spelling.editDistance(Array(first), Array(second)) == expected)
    #expect(Spelling.editDistance(Array(second), Array(first)) == expected)
  }

  private let models = ["lenet", "vgg8", "resnet8", "resnet18"]

  @Test func theNearestNameIsSuggestedIfItIsNear() {
    #expect(Spelling.nearest(to: "vgg9", in: models) == "vgg8")
    #expect(Spelling.nearest(to: "ResNet18", in: models) == "resnet18")
    #expect(Spelling.nearest(to: "resnet", in: models) == "resnet8")
    #expect(Spelling.nearest(to: "transformer", in: models) == nil)
    #expect(Spelling.nearest(to: "", in: models) == nil)
    #expect(Spelling.nearest(to: "x", in: []) == nil)
  }

  @Test func sentencesSuggestOrList() {
    #expect(
      UnknownNameError(kind: "model", name: "lenett", known: models).description
        == "there is no model 'lenett'; did you mean 'lenet'?")
    #expect(
      UnknownNameError(kind: "model", name: "gpt", known: models).description
        == "there is no model 'gpt'; there are lenet, vgg8, resnet8, resnet18")
  }
}
