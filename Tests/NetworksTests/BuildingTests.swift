import Networks
import Testing

/// Networks that cannot be are refused in a sentence that names what is wrong.
@Suite struct BuildingTests {
  private func expectRefused(
    _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation,
    @LayerBuilder _ layers: () -> [any Layer]
  ) {
    let error = #expect(throws: NetworkError.self, sourceLocation: sourceLocation) {
      try Network("mine", input: Shape(8, 8, channels: 2), layers: layers)
    }
    for part in parts {
      #expect(
        error?.description.contains(part) == true, "\(String(describing: error))",
        sourceLocation: sourceLocation)
    }
  }

  @Test func namesAreNotEmpty() {
    expectRefused(["mine: layer 1 would be called ''"]) {
      Convolution(3, channels: 4).named("")
      GlobalAveragePooling()
      SoftmaxCrossEntropy()
    }
    expectRefused(["layer 2 would be called 'stem..bn1'"]) {
      Named("stem") {
        Convolution(3, channels: 4)
        Named("") {
          BatchNormalization()
          ReLU()
        }
      }
      GlobalAveragePooling()
      SoftmaxCrossEntropy()
    }
    expectRefused(["called 'a.'"]) {
      Convolution(3, channels: 4).named("a.")
      GlobalAveragePooling()
      SoftmaxCrossEntropy()
    }
  }

  @Test func aSlopeMayBeZeroButNotBelow() throws {
    _ = try Network("mine", input: Shape(channels: 3)) {
      Linear(2)
      ReLU(negativeSlope: 0)
      SoftmaxCrossEntropy()
    }
    expectRefused(["relu1: the slope -0.1 of a rectifier must be 0 or above"]) {
      Convolution(3, channels: 4)
      ReLU(negativeSlope: -0.1)
      GlobalAveragePooling()
      SoftmaxCrossEntropy()
    }
  }
}
