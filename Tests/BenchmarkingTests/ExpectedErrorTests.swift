import Comparisons
import Kernels
import NativeEngine
import Networks
import Planning
import Testing

@testable import Calibration

/// Errors of gradients that are expected from a few samples, against those of planned steps.
@Suite struct ExpectedErrorTests {
  @Test(arguments: [Model.vgg8, .resnet8], [0.05, 0.3])
  func expectedErrorsAreWithinTwiceTheMeasuredOnes(model: Model, tolerance: Double) throws {
    let network = try model.network(input: Shape(28, 28, channels: 1), classes: 10)
    let engine = try Engine(threadCount: 2, instructionSet: .chosen())
    let sensitivity = try #require(
      try GradientSensitivity.measured(
        for: network, batchSize: 32, engine: engine))
    let planner = try StepPlanner(
      network, batchSize: 32, threadCount: 2, tolerance: tolerance, sensitivity: sensitivity)
    // Plans of all sizes whose gradients err.
    let steps = planner.curve().filter { $0.expectedGradientError > 0 }
    try #require(!steps.isEmpty)
    for step in [steps.first, steps[steps.count / 2], steps.last].compactMap({ $0 }) {
      let execution = try PlanExecution(
        step, full: planner.fullStep, named: "plan", stepCount: 1,
        settings: ComparisonSettings(batchSize: 32),
        engine: engine)
      let measured = try #require(execution.gradientRelativeError)
      let ratio = measured / step.expectedGradientError
      #expect(ratio > 0.5 && ratio < 2)
    }
  }

  /// A batch that can be tried is tried as it is; a network that is too large is not.
  @Test func timingsAreThoseOfAsManySamplesAsFit() throws {
    let engine = try Engine(threadCount: 2, instructionSet: .chosen())
    let network = try Model.resnet8.network(input: Shape(28, 28, channels: 1), classes: 10)
    let rates = MachineRates.assumed(threadCount: 2)
    let timings = try #require(
      try PassTimings.measured(for: network, batchSize: 3, rates: rates, engine: engine))
    #expect(timings.sampleCount == 3)
    // A single sample of VGG-16 at its usual size takes more memory than may be tried.
    let large = try Model.vgg16.network(input: Shape(224, 224, channels: 3), classes: 1000)
    #expect(
      try PassTimings.measured(for: large, batchSize: 3, rates: rates, engine: engine) == nil)
  }
}
