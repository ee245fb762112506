import KernelInterface
import Kernels
import TestSupport
import Testing

@Suite struct RectifierTests {
  /// Random values with every kind of special one among them.
  private func values(_ count: Int) -> [Float] {
    var random = TestRandom(seed: UInt64(count))
    let special: [Float] = [
      .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .nan,
    ]
    return random.floats(count).enumerated().map { index, value in
      index % 5 == 3 ? special[index / 5 % special.count] : value
    }
  }

  private func rectified(_ x: Float, _ slope: Float) -> Float {
    if x.isNaN || x > 0 { return x }
    return slope == 0 ? 0 : slope * x
  }

  @Test(arguments: elementCounts, [0, 0.01] as [Float])
  func forward(count: Int, slope: Float) throws {
    let x = values(count)
    let results = try sameForEveryEngine("\(count) elements") { engine, memory in
      let input = memory.floats(x)
      let output = memory.unwritten(count)
      let mask = memory.unwrittenBytes((count + 7) / 8)
      let packedAlone = memory.unwrittenBytes((count + 7) / 8)
      unsafe engine.packSigns(of: input.constant, into: packedAlone.pointer, count: count)
      unsafe engine.rectify(
        input: input.constant, output: output.pointer, count: count, negativeSlope: slope,
        mask: mask.pointer)
      unsafe engine.rectify(
        input: input.constant, output: input.pointer, count: count, negativeSlope: slope)
      return Pair([output.bits, input.bits], [mask.values, packedAlone.values])
    }
    let expected = x.map { rectified($0, slope) }
    for bits in results.first {
      // −0 stands for 0, and any NaN for any other.
      #expect(zip([Float](bits: bits), expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    }
    expectSame(results.second, [packed(x), packed(x)])
  }

  @Test(arguments: elementCounts, [0, 0.01] as [Float])
  func backward(count: Int, slope: Float) throws {
    let y = values(count).map { rectified($0, slope) }
    var random = TestRandom(seed: 9)
    let gradient = random.floats(count)
    let start = random.floats(count)
    let results = try sameForEveryEngine("\(count) elements") { engine, memory in
      let output = memory.floats(y)
      let outputGradient = memory.floats(gradient)
      let mask = memory.bytes(packed(y))
      var results: [[Float]] = []
      for accumulate in [false, true] {
        let fromOutput = memory.floats(accumulate ? start : y)
        let fromMask = memory.floats(accumulate ? start : y)
        unsafe engine.rectifyBackward(
          output: output.constant, outputGradient: outputGradient.constant,
          inputGradient: fromOutput.pointer, count: count, negativeSlope: slope,
          accumulate: accumulate)
        unsafe engine.rectifyBackward(
          mask: mask.constant, outputGradient: outputGradient.constant,
          inputGradient: fromMask.pointer, count: count, negativeSlope: slope,
          accumulate: accumulate)
        results += [fromOutput.values, fromMask.values]
      }
      let inPlace = memory.floats(gradient)
      unsafe engine.rectifyBackward(
        output: output.constant, outputGradient: inPlace.constant,
        inputGradient: inPlace.pointer, count: count, negativeSlope: slope, accumulate: false)
      unsafe engine.rectifyBackward(
        mask: mask.constant, outputGradient: outputGradient.constant,
        inputGradient: outputGradient.pointer, count: count, negativeSlope: slope,
        accumulate: false)
      return results + [inPlace.values, outputGradient.values]
    }
    let expected = zip(y, gradient).map { $0 > 0 ? $1 : slope * $1 }
    let added = zip(start, expected).map { $0 + $1 }
    expectSame(results, [expected, expected, added, added, expected, expected])
  }

  @Test func aSlopeOfZeroStopsInfiniteGradients() throws {
    let result = try sameForEveryEngine("infinite gradients") { engine, memory in
      let gradient = memory.floats([.infinity, .nan, 1])
      unsafe engine.rectifyBackward(
        output: memory.floats([-1, 0, 2]).constant, outputGradient: gradient.constant,
        inputGradient: gradient.pointer, count: 3, negativeSlope: 0, accumulate: false)
      return gradient.values
    }
    #expect(result == [0, 0, 1])
  }
}
