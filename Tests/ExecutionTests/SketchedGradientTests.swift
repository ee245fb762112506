import Execution
import Kernels
import Networks
import Planning
import Testing
import Training

/// Gradients from sketches, in whole training steps.
@Suite struct SketchedGradientTests {
  /// With a bucket for every pixel nothing is lost but what eight bits round.
  ///
  /// That is at most 1/255 of a map's largest number. Sums that cancel, as behind normalisations, make
  /// 2 % of a gradient of it.
  ///
  /// Eight samples are sketched in the passes that write the values, seven afterwards; with a mask,
  /// too.
  @Test(arguments: [Model.vgg8, .resnet8], [7, 8])
  func completeSketchesGiveTheGradientOfFullStorage(model: Model, batchSize: Int) throws {
    let network = try model.small()
    let full = try Trainer.forTest(network, .full, batchSize: batchSize)
    _ = try full.computeGradients()
    for usesMask in [false, true] {
      // Some bytes more than a map of 14 x 14 has pixels.
      let strategy = Strategy(
        approximation: .trace(
          try Trace(.probes(52), storage: .int8, usesMask: usesMask)))
      let sketched = try Trainer.forTest(network, strategy, batchSize: batchSize)
      _ = try sketched.computeGradients()
      for (index, parameter) in full.store.parameters.enumerated() {
        let (exact, estimate) = unsafe (
          Array(full.store.gradient(index)), Array(sketched.store.gradient(index))
        )
        let norm = exact.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let error = zip(exact, estimate).reduce(0) {
          $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
        }.squareRoot()
        #expect(error <= 0.05 * norm, "\(parameter.name), mask \(usesMask)")
      }
      #expect(full.gradientBits != sketched.gradientBits)
    }
  }
}
