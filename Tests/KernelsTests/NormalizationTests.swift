import Kernels
import TestSupport
import Testing

/// (rows, channels): few and many channels, multiples of vectors or not, one row, several tasks.
private let shapes = [
  (1, 1), (1, 5), (7, 3), (5, 16), (63, 6), (640, 1), (1_001, 12), (700, 20), (300, 64), (50, 65),
  (129, 100), (9, 513), (12_345, 7), (1_200, 512), (9_000, 33),
]

@Suite struct NormalizationTests {
  private let epsilon: Float = 1e-5

  @Test(arguments: shapes)
  func statistics(rows: Int, channels: Int) throws {
    let x = values(rows, channels)
    let (mean, variance) = try sameForEveryEngine("\(rows) × \(channels)") { engine, memory in
      let mean = memory.unwritten(channels)
      let variance = memory.unwritten(channels)
      unsafe engine.batchNormalizationStatistics(
        input: memory.floats(x).constant, rows: rows, channels: channels, mean: mean.pointer,
        variance: variance.pointer,
        scratch: scratch(engine, memory, rows, channels))
      return Pair(mean.values, variance.values)
    }.elements
    let reference = Reference(x, rows: rows, channels: channels)
    // By channel: one of small variance counts as much. The mean of values that cancel is as exact
    // as they are.
    for channel in 0..<channels {
      let expected = (mean: reference.mean[channel], variance: reference.variance[channel])
      let spread = abs(expected.mean) + expected.variance.squareRoot()
      #expect(abs(Double(mean[channel]) - expected.mean) <= 1e-6 * spread)
      #expect(abs(Double(variance[channel]) - expected.variance) <= 2e-6 * expected.variance)
    }
  }

  @Test func statisticsOfNothingAreZero() throws {
    let result = try sameForEveryEngine("no rows") { engine, memory in
      let mean = memory.unwritten(3)
      let variance = memory.unwritten(3)
      unsafe engine.batchNormalizationStatistics(
        input: memory.floats([]).constant, rows: 0, channels: 3, mean: mean.pointer,
        variance: variance.pointer, scratch: scratch(engine, memory, 0, 3))
      return mean.values + variance.values
    }
    #expect(result == Array(repeating: 0, count: 6))
  }

  @Test func runningStatisticsFollowPyTorch() throws {
    let result = try sameForEveryEngine("running statistics") { engine, memory in
      let mean = memory.floats([1, -2])
      let variance = memory.floats([4, 0.5])
      let runningMean = memory.floats([0, 10])
      let runningVariance = memory.floats([1, 2])
      unsafe engine.updateRunningStatistics(
        mean: mean.constant, variance: variance.constant, rows: 5, channels: 2, momentum: 0.25,
        runningMean: runningMean.pointer, runningVariance: runningVariance.pointer)
      return runningMean.values + runningVariance.values
    }
    // The variances over n − 1 are 5/4 of the biased ones: 5 and 0.625.
    let expected: [Float] = [0.25, 7, 2, 1.65625]
    #expect(result == expected)
  }

  @Test(arguments: shapes, [nil, 0, 0.25] as [Float?])
  func apply(shape: (rows: Int, channels: Int), slope: Float?) throws {
    let (rows, channels) = shape
    let x = values(rows, channels)
    let reference = Reference(x, rows: rows, channels: channels)
    let (gamma, beta) = parameters(channels)
    let count = rows * channels
    let (outputs, mask) = try sameForEveryEngine("\(rows) × \(channels)") { engine, memory in
      let input = memory.floats(x)
      let output = memory.unwritten(count)
      let mask = memory.unwrittenBytes((count + 7) / 8)
      for inPlace in [false, true] {
        unsafe engine.batchNormalizationApply(
          input: input.constant, mean: memory.floats(reference.floatMean).constant,
          variance: memory.floats(reference.floatVariance).constant, epsilon: epsilon,
          gamma: memory.floats(gamma).constant, beta: memory.floats(beta).constant,
          output: inPlace ? input.pointer : output.pointer, rows: rows, channels: channels,
          negativeSlope: slope,
          mask: inPlace ? nil : mask.pointer,
          scratch: scratch(engine, memory, rows, channels))
      }
      return Pair([output.values, input.values], mask.values)
    }.elements
    let expected = (0..<count).map { index in
      let channel = index % channels
      let deviation = (Double(reference.floatVariance[channel]) + Double(epsilon)).squareRoot()
      let normalized = (Double(x[index]) - Double(reference.floatMean[channel])) / deviation
      let y = normalized * Double(gamma[channel]) + Double(beta[channel])
      return y > 0 ? y : Double(slope ?? 1) * y
    }
    expectClose(outputs[0], expected, tolerance: 1e-6, "output")
    expectSame(outputs[0], outputs[1], "in place")
    expectSame(mask, packed(outputs[0]))
  }

  @Test(arguments: shapes, [true, false])
  func backward(shape: (rows: Int, channels: Int), training: Bool) throws {
    let (rows, channels) = shape
    let x = values(rows, channels)
    let reference = Reference(x, rows: rows, channels: channels)
    let (gamma, beta) = parameters(channels)
    let count = rows * channels
    var random = TestRandom(seed: 17)
    let gradient = random.floats(count)
    let start = random.floats(count)
    for slope: Float? in [nil, 0.25] {
      /// Overwritten, in place, accumulated, and without the input's gradient; and the signs of the
      /// forward pass's output, which tell the side of the rectifier.
      let (results, mask) = try sameForEveryEngine("\(rows) × \(channels)") { engine, memory in
        var results: [[Float]] = []
        let bits = memory.unwrittenBytes((count + 7) / 8)
        unsafe engine.batchNormalizationApply(
          input: memory.floats(x).constant, mean: memory.floats(reference.floatMean).constant,
          variance: memory.floats(reference.floatVariance).constant, epsilon: epsilon,
          gamma: memory.floats(gamma).constant, beta: memory.floats(beta).constant,
          output: memory.unwritten(count).pointer, rows: rows, channels: channels,
          negativeSlope: slope, mask: bits.pointer,
          scratch: scratch(engine, memory, rows, channels))
        for mode in 0..<4 {
          let outputGradient = memory.floats(gradient)
          let inputGradient = mode == 1 ? outputGradient : memory.floats(start)
          let gammaGradient = memory.floats(beta)
          let betaGradient = memory.floats(beta)
          unsafe engine.batchNormalizationBackward(
            input: memory.floats(x).constant, mean: memory.floats(reference.floatMean).constant,
            variance: memory.floats(reference.floatVariance).constant, epsilon: epsilon,
            gamma: memory.floats(gamma).constant, beta: memory.floats(beta).constant,
            outputGradient: outputGradient.constant, negativeSlope: slope,
            inputGradient: mode == 3 ? nil : inputGradient.pointer,
            gammaGradient: gammaGradient.pointer, betaGradient: betaGradient.pointer,
            rows: rows, channels: channels, training: training, accumulate: mode == 2,
            accumulateParameters: mode == 2, scratch: scratch(engine, memory, rows, channels))
          if mode != 1 { expectSame(outputGradient.values, gradient, "the gradient is only read") }
          results += [inputGradient.values, gammaGradient.values, betaGradient.values]
        }
        return Pair(results, bits.values)
      }.elements
      let arriving = gradient.indices.map { index in
        let open = slope == nil || mask[index / 8] >> UInt8(index % 8) & 1 == 1
        return Double(gradient[index]) * (open ? 1 : Double(slope ?? 0))
      }
      let expected = reference.gradients(
        of: arriving, x: x, gamma: gamma, epsilon: epsilon, training: training)
      // Sums of many terms of both signs: relative to the largest, some roundings of each.
      let tolerance = 3e-6
      for mode in [0, 1] {
        expectClose(results[3 * mode], expected[0], tolerance: tolerance, "input, mode \(mode)")
        expectClose(results[3 * mode + 1], expected[1], tolerance: tolerance, "gamma")
        expectClose(results[3 * mode + 2], expected[2], tolerance: tolerance, "beta")
      }
      expectClose(
        results[6], zip(start, expected[0]).map { Double($0) + $1 }, tolerance: tolerance, "added")
      for index in [1, 2] {
        expectClose(
          results[6 + index], zip(beta, expected[index]).map { Double($0) + $1 },
          tolerance: tolerance, "parameters, added")
      }
      expectSame(results[9], start, "nobody asked for the input's gradient")
      expectSame(results[10...11], results[1...2])
    }
  }

  /// Channels with means far from 0 and of quite different variances.
  private func values(_ rows: Int, _ channels: Int) -> [Float] {
    var random = TestRandom(seed: UInt64(rows))
    return random.floats(rows * channels).enumerated().map { index, value in
      let channel = index % channels
      return value * [1, 0.01, 30][channel % 3] + [0, 1, -5, 20][channel % 4]
    }
  }

  private func parameters(_ channels: Int) -> ([Float], [Float]) {
    var random = TestRandom(seed: 5)
    return (random.floats(channels).map { $0 + 0.5 }, random.floats(channels))
  }

  private func scratch(_ engine: Engine, _ memory: TestMemory, _ rows: Int, _ channels: Int)
    -> UnsafeMutableRawPointer
  {
    let bytes = Engine.batchNormalizationScratchBytes(
      rows: rows, channels: channels, threadCount: engine.threadCount)
    return unsafe UnsafeMutableRawPointer(memory.unwritten(bytes / 4).pointer)
  }
}

/// Batch normalisation as the formulas have it, in double precision.
private struct Reference {
  let rows: Int
  let channels: Int
  var mean: [Double]
  var variance: [Double]

  var floatMean: [Float] { mean.map(Float.init) }
  var floatVariance: [Float] { variance.map(Float.init) }

  init(_ x: [Float], rows: Int, channels: Int) {
    self.rows = rows
    self.channels = channels
    mean = Array(repeating: 0, count: channels)
    variance = mean
    for index in x.indices { mean[index % channels] += Double(x[index]) / Double(rows) }
    for index in x.indices {
      let difference = Double(x[index]) - mean[index % channels]
      variance[index % channels] += difference * difference / Double(rows)
    }
  }

  /// The gradients of the input, γ and β, with the statistics as the kernels get them.
  func gradients(of g: [Double], x: [Float], gamma: [Float], epsilon: Float, training: Bool)
    -> [[Double]]
  {
    let inverse = floatVariance.map { 1 / (Double($0) + Double(epsilon)).squareRoot() }
    let means = floatMean.map(Double.init)
    let normalized = x.indices.map { index in
      (Double(x[index]) - means[index % channels]) * inverse[index % channels]
    }
    var gammaGradient = Array(repeating: 0.0, count: channels)
    var betaGradient = gammaGradient
    for index in x.indices {
      gammaGradient[index % channels] += g[index] * normalized[index]
      betaGradient[index % channels] += g[index]
    }
    let inputGradient = x.indices.map { index in
      let channel = index % channels
      let indirect =
        (betaGradient[channel] + normalized[index] * gammaGradient[channel]) / Double(rows)
      return Double(gamma[channel]) * inverse[channel] * (g[index] - (training ? indirect : 0))
    }
    return [inputGradient, gammaGradient, betaGradient]
  }
}
