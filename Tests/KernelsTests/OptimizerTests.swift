import KernelInterface
import Kernels
import TestSupport
import Testing

@Suite struct OptimizerTests {
  @Test(arguments: elementCounts)
  func momentumStepFollowsPyTorch(count: Int) throws {
    var random = TestRandom(seed: 3)
    let start = random.floats(count)
    let gradients = (0..<3).map { _ in random.floats(count) }
    let (parameters, velocity) = try sameForEveryEngine("\(count) elements") { engine, memory in
      let parameters = memory.floats(start)
      let velocity = memory.floats(Array(repeating: 0, count: count))
      for gradient in gradients {
        unsafe engine.momentumStep(
          parameters: parameters.pointer, gradients: memory.floats(gradient).constant,
          velocity: velocity.pointer, count: count,
          factors: MomentumFactors(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01))
      }
      return Pair(parameters.values, velocity.values)
    }.elements
    var expected = start.doubles
    var speed = expected.map { _ in 0.0 }
    for gradient in gradients {
      for index in 0..<count {
        speed[index] = 0.9 * speed[index] + Double(gradient[index]) + 0.01 * expected[index]
        expected[index] -= 0.1 * speed[index]
      }
    }
    // Three steps of four roundings each.
    expectClose(parameters, expected, tolerance: 1e-6, "parameters")
    expectClose(velocity, speed, tolerance: 1e-6, "velocity")
  }

  @Test(arguments: elementCounts)
  func adamStepFollowsPyTorch(count: Int) throws {
    var random = TestRandom(seed: 4)
    let start = random.floats(count)
    let gradients = (0..<3).map { _ in random.floats(count) }
    let (first, second, rate, epsilon, decay) = (0.9, 0.999, 0.125, 1e-3, 0.25)
    func bias(_ factor: Double, _ step: Int) -> Double {
      1 - (0..<step).reduce(1) { product, _ in product * factor }
    }
    let (parameters, moments) = try sameForEveryEngine("\(count) elements") { engine, memory in
      let parameters = memory.floats(start)
      let means = memory.floats(Array(repeating: 0, count: count))
      let squares = memory.floats(Array(repeating: 0, count: count))
      for (index, gradient) in gradients.enumerated() {
        unsafe engine.adamStep(
          parameters: parameters.pointer, gradients: memory.floats(gradient).constant,
          first: means.pointer, second: squares.pointer, largest: nil, count: count,
          factors: AdamFactors(
            learningRate: Float(rate), firstDecay: first, secondDecay: second,
            firstBias: bias(first, index + 1), secondBias: bias(second, index + 1),
            epsilon: epsilon, weightDecay: Float(decay)))
      }
      return Pair(parameters.values, means.values + squares.values)
    }.elements
    var expected = start.doubles
    var means = expected.map { _ in 0.0 }
    var squares = means
    for (step, gradient) in gradients.enumerated() {
      for index in 0..<count {
        let slope = Double(gradient[index]) + decay * expected[index]
        means[index] = first * means[index] + (1 - first) * slope
        squares[index] = second * squares[index] + (1 - second) * slope * slope
        let mean = means[index] / bias(first, step + 1)
        let root = (squares[index] / bias(second, step + 1)).squareRoot()
        expected[index] -= rate * mean / (root + epsilon)
      }
    }
    // Three steps of about ten roundings each; where a slope is near 0 the quotient is one of
    // rounding errors, which epsilon keeps small.
    expectClose(parameters, expected, tolerance: 2e-6, "parameters")
    expectClose(Array(moments.prefix(count)), means, tolerance: 1e-6, "means")
    expectClose(Array(moments.suffix(count)), squares, tolerance: 1e-6, "squares")
  }

  /// What the other forms compute is compared with PyTorch by `TrainingTests`; here that it does not
  /// depend on threads and instruction sets, nor on what is beside the arrays.
  @Test(arguments: elementCounts)
  func otherFormsAreTheSameForEveryEngine(count: Int) throws {
    var random = TestRandom(seed: 5)
    let start = random.floats(count)
    let gradients = random.floats(count)
    let squares = random.floats(count).map { $0 * $0 + 0.1 }
    _ = try sameForEveryEngine("\(count) elements") { engine, memory in
      let gradient = memory.floats(gradients)
      var results: [TestArray<Float>] = []
      func new(_ values: [Float]) -> UnsafeMutablePointer<Float> {
        let array = memory.floats(values)
        results.append(array)
        return unsafe array.pointer
      }
      for looksAhead in [false, true] {
        unsafe engine.momentumStep(
          parameters: new(start), gradients: gradient.constant,
          velocity: looksAhead ? new(squares) : nil, count: count,
          factors: MomentumFactors(
            learningRate: 0.1, momentum: 0.9, gradientShare: 0.5, looksAhead: looksAhead,
            weightDecay: 0.01))
        unsafe engine.rmsPropStep(
          parameters: new(start), gradients: gradient.constant, square: new(squares),
          mean: looksAhead ? new(start) : nil, velocity: looksAhead ? new(gradients) : nil,
          count: count,
          factors: RMSPropFactors(
            decay: 0.9, innerEpsilon: 0.001, outerEpsilon: 0, momentum: 0.9, stepSize: 0.1,
            velocitySize: 1, weightDecay: 0.01))
      }
      unsafe engine.adamStep(
        parameters: new(start), gradients: gradient.constant, first: new(start),
        second: new(squares), largest: new(squares), count: count,
        factors: AdamFactors(
          learningRate: 0.1, firstDecay: 0.9, secondDecay: 0.99, firstBias: 0.1, secondBias: 0.01,
          epsilon: 1e-8, weightDecay: 0, parameterShare: 0.99))
      unsafe engine.moveAverage(new(start), towards: gradient.constant, count: count, decay: 0.9)
      let isFinite = results.allSatisfy { $0.values.allSatisfy(\.isFinite) }
      #expect(isFinite)
      return results.flatMap(\.bits)
    }
  }
}
