import Glibc
import KernelInterface
import Kernels
import TestSupport
import Testing

@Suite struct ActivationTests {
  static let functions: [ActivationFunction] = [
    .relu6, .clipped(lower: -1, upper: 2.5), .hardSigmoid, .hardSwish, .elu(alpha: 1),
    .elu(alpha: 0.5), .sigmoid, .tanh, .silu, .swish(beta: -1.702), .gelu, .geluTanh, .mish,
    .softplus(beta: 1, threshold: 20), .softplus(beta: 2, threshold: 6),
  ]
  static let counts = [0, 1, 17, 40_003]

  /// Numbers of both signs and all magnitudes that matter, with every kink among them.
  private func inputs(_ count: Int) -> [Float] {
    var random = TestRandom(seed: UInt64(count))
    let special: [Float] = [0, -0.0, -3, 3, 6, -1, 2.5, 20, -20, 88, -88, 1e-6, -1e-6, 1e-30]
    return (0..<count).map { index in
      index % 5 == 3
        ? special[index / 5 % special.count] : Float.random(in: -12...12, using: &random)
    }
  }

  @Test(arguments: functions, counts)
  func forward(function: ActivationFunction, count: Int) throws {
    let x = inputs(count)
    let bits = try sameForEveryEngine("\(function)") { engine, memory in
      let input = memory.floats(x)
      let output = memory.unwritten(count)
      unsafe engine.activate(
        function, input: input.constant, output: output.pointer, count: count)
      unsafe engine.activate(function, input: input.constant, output: input.pointer, count: count)
      return [output.bits, input.bits]
    }
    expectSame(bits[0], bits[1], "in place")
    expectNear([Float](bits: bits[0]), x.map { function.reference(Double($0)).value })
  }

  @Test(arguments: functions, counts)
  func backward(function: ActivationFunction, count: Int) throws {
    let x = inputs(count)
    var random = TestRandom(seed: 3)
    let gradient = random.floats(count)
    let results = try sameForEveryEngine("\(function)") { engine, memory in
      let residual = memory.floats(x)
      if function.derivativeSource == .output {
        unsafe engine.activate(
          function, input: residual.constant, output: residual.pointer, count: count)
      }
      let outputGradient = memory.floats(gradient)
      let fresh = memory.unwritten(count)
      let added = memory.floats(Array(repeating: 1, count: count))
      for (destination, accumulate) in [(fresh, false), (added, true), (outputGradient, false)] {
        unsafe engine.activateBackward(
          function, residual: residual.constant, outputGradient: outputGradient.constant,
          inputGradient: destination.pointer, count: count, accumulate: accumulate)
      }
      return [fresh.bits, added.bits, outputGradient.bits]
    }
    let fresh = [Float](bits: results[0])
    expectSame([Float](bits: results[1]), fresh.map { 1 + $0 }, "added")
    expectSame(results[2], results[0], "in place")
    expectNear(
      fresh, zip(x, gradient).map { function.reference(Double($0)).derivative * Double($1) })
  }

  /// Where the derivative is a bit, the mask gives the gradient of the output, to the bit.
  @Test(arguments: functions.filter { $0.clipping != nil }, counts)
  func masksTellTheDerivative(function: ActivationFunction, count: Int) throws {
    let x = inputs(count).map { $0 == 20 ? Float.nan : $0 }
    let clipping = try #require(function.clipping)
    let content = MaskContent.between(lower: clipping.lower, upper: clipping.upper)
    var random = TestRandom(seed: 4)
    let gradient = random.floats(count)
    _ = try sameForEveryEngine("\(function)") { engine, memory in
      let output = memory.floats(x)
      let byteCount = (count + 7) / 8
      let (mask, packedAlone) = (memory.unwrittenBytes(byteCount), memory.unwrittenBytes(byteCount))
      unsafe engine.activate(
        function, input: output.constant, output: output.pointer, count: count,
        mask: mask.pointer)
      unsafe engine.packMask(content, of: output.constant, into: packedAlone.pointer, count: count)
      expectSame(mask.values, packedAlone.values, "packed alone")
      let bits = output.values.map { $0 > clipping.lower && $0 < clipping.upper }
      let expected = (0..<byteCount).map { byte in
        (0..<8).reduce(UInt8(0)) { sum, bit in
          8 * byte + bit < count && bits[8 * byte + bit] ? sum | 1 << UInt8(bit) : sum
        }
      }
      expectSame(mask.values, expected, "bits")
      let outputGradient = memory.floats(gradient)
      for accumulate in [false, true] {
        let fromOutput = memory.floats(gradient)
        let fromMask = memory.floats(gradient)
        unsafe engine.activateBackward(
          function, residual: output.constant, outputGradient: outputGradient.constant,
          inputGradient: fromOutput.pointer, count: count, accumulate: accumulate)
        unsafe engine.clippedBackward(
          mask: mask.constant, derivative: clipping.derivative,
          outputGradient: outputGradient.constant, inputGradient: fromMask.pointer, count: count,
          accumulate: accumulate)
        expectSame(fromMask.bits, fromOutput.bits, "gradient from the mask")
      }
      return mask.values
    }
  }

  @Test(arguments: functions)
  func extremesStayWhatTheyAre(function: ActivationFunction) throws {
    let large: [Float] = [1e4, 1e20, .greatestFiniteMagnitude, .infinity]
    let x = large.map { -$0 } + large
    let results = try sameForEveryEngine("\(function)") { engine, memory in
      let input = memory.floats(x + [.nan])
      let output = memory.unwritten(x.count + 1)
      unsafe engine.activate(
        function, input: input.constant, output: output.pointer, count: x.count + 1)
      let gradient = memory.floats(Array(repeating: 1, count: x.count + 1))
      let residual = function.derivativeSource == .output ? output : input
      unsafe engine.activateBackward(
        function, residual: residual.constant, outputGradient: gradient.constant,
        inputGradient: gradient.pointer, count: x.count + 1, accumulate: false)
      return [output.bits, gradient.bits]
    }
    let values = [Float](bits: results[0])
    let gradients = [Float](bits: results[1])
    #expect(values[x.count].isNaN)
    for (index, x) in x.enumerated() {
      let limit = function.limit(x)
      #expect(values[index] == limit.value, "\(function) of \(x)")
      #expect(gradients[index] == limit.derivative, "derivative of \(function) at \(x)")
    }
  }

  @Test(arguments: [1, 5, 64], [true, false])
  func parametricRectifiersAddTheSlopesGradients(channels: Int, perChannel: Bool) throws {
    let rows = 4_001
    var random = TestRandom(seed: 8)
    let (x, gradient) = (random.floats(rows * channels), random.floats(rows * channels))
    let slopes = (0..<(perChannel ? channels : 1)).map { Float($0 % 3 - 1) * 0.25 + 0.125 }
    func slope(_ element: Int) -> Float { slopes[perChannel ? element % channels : 0] }
    let results = try sameForEveryEngine("\(channels) channels") { engine, memory in
      let scratch = memory.unwrittenBytes(
        Engine.parametricRectifierScratchBytes(
          rows: rows, channels: channels, threadCount: engine.threadCount) + 64)
      let aligned = unsafe UnsafeMutableRawPointer(scratch.pointer).alignedUp(toMultipleOf: 64)
      let slopeMemory = memory.floats(slopes)
      let input = memory.floats(x)
      let output = memory.unwritten(x.count)
      unsafe engine.rectify(
        input: input.constant, slopes: slopeMemory.constant, slopeCount: slopes.count,
        output: output.pointer, rows: rows, channels: channels, scratch: aligned)
      let slopeGradient = memory.floats(Array(repeating: 1, count: slopes.count))
      let inputGradient = memory.floats(gradient)
      unsafe engine.rectifyBackward(
        input: input.constant, slopes: slopeMemory.constant, slopeCount: slopes.count,
        outputGradient: inputGradient.constant, inputGradient: inputGradient.pointer,
        slopeGradient: slopeGradient.pointer, rows: rows, channels: channels, accumulate: false,
        accumulateParameters: true, scratch: aligned)
      return [output.values, inputGradient.values, slopeGradient.values]
    }
    expectSame(results[0], x.indices.map { x[$0] > 0 ? x[$0] : slope($0) * x[$0] })
    expectSame(
      results[1], x.indices.map { x[$0] > 0 ? gradient[$0] : slope($0) * gradient[$0] })
    var sums = [Double](repeating: 1, count: slopes.count)
    for index in x.indices where x[index] <= 0 {
      sums[perChannel ? index % channels : 0] += Double(x[index]) * Double(gradient[index])
    }
    expectClose(results[2], sums, tolerance: 1e-5, "slopes")
  }

  /// Errors of a few units of the last place, of the value or of 1.
  private func expectNear(
    _ actual: [Float], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var worst = 0.0
    for (value, reference) in zip(actual, expected) {
      let error = abs(Double(value) - reference) / max(1, abs(reference))
      worst = error <= worst ? worst : error
    }
    #expect(worst < 6e-7, sourceLocation: sourceLocation)
  }
}

extension ActivationFunction {
  /// The value and the derivative in double precision, from the definitions.
  fileprivate func reference(_ x: Double) -> (value: Double, derivative: Double) {
    func logistic(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
    switch self {
    case .clipped(let lower, let upper):
      let (lower, upper) = (Double(lower), Double(upper))
      return (min(max(x, lower), upper), x > lower && x < upper ? 1 : 0)
    case .hardSigmoid:
      return (min(max(x + 3, 0), 6) / 6, x > -3 && x < 3 ? 1 / 6 : 0)
    case .hardSwish:
      return (
        x * min(max(x + 3, 0), 6) / 6, x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6
      )
    case .elu(let alpha):
      let alpha = Double(alpha)
      return x > 0 ? (x, 1) : (alpha * expm1(x), alpha * exp(x))
    case .sigmoid: return (logistic(x), logistic(x) * logistic(-x))
    case .tanh: return (Glibc.tanh(x), 1 - Glibc.tanh(x) * Glibc.tanh(x))
    case .swish(let beta):
      let z = Double(beta) * x
      return (x * logistic(z), logistic(z) + z * logistic(z) * logistic(-z))
    case .gelu:
      let (share, density) = (0.5 * erfc(-x / 2.squareRoot()), exp(-x * x / 2))
      return (x * share, share + x * density / (2 * Double.pi).squareRoot())
    case .geluTanh:
      let factor = (2 / Double.pi).squareRoot()
      let t = Glibc.tanh(factor * (x + 0.044715 * x * x * x))
      return (
        0.5 * x * (1 + t),
        0.5 * (1 + t) + 0.5 * x * (1 - t * t) * factor * (1 + 3 * 0.044715 * x * x)
      )
    case .mish:
      let t = Glibc.tanh(log1p(exp(x)))
      return (x * t, t + x * (1 - t * t) * logistic(x))
    case .softplus(let beta, let threshold):
      let z = Double(beta) * x
      return z > Double(threshold) ? (x, 1) : (log1p(exp(z)) / Double(beta), logistic(z))
    }
  }

  /// Value and derivative far from 0.
  fileprivate func limit(_ x: Float) -> (value: Float, derivative: Float) {
    switch self {
    case .clipped(let lower, let upper): (x < 0 ? lower : upper, 0)
    case .hardSigmoid, .sigmoid: (x < 0 ? 0 : 1, 0)
    case .tanh: (x < 0 ? -1 : 1, 0)
    case .elu(let alpha): x < 0 ? (-alpha, 0) : (x, 1)
    case .swish(let beta): x * beta < 0 ? (0, 0) : (x, 1)
    case .hardSwish, .gelu, .geluTanh, .mish, .softplus: x < 0 ? (0, 0) : (x, 1)
    }
  }
}
