import Glibc
import KernelInterface
import Kernels
import TestSupport
import Testing

/// Products and differences of values of which one may be spread over the other, and dropout.
@Suite struct ProductTests {
  static let extents = [
    MapExtent(batch: 2, pixels: 5, channels: 3), MapExtent(batch: 3, pixels: 700, channels: 70),
    MapExtent(batch: 1, pixels: 1, channels: 40_000),
  ]

  @Test(arguments: extents, [OperandSpread.elements, .channels, .pixels])
  func combinesAndDifferentiates(extent: MapExtent, spread: OperandSpread) throws {
    func operandIndex(_ element: Int) -> Int {
      switch spread {
      case .elements: element
      case .channels:
        element / (extent.pixels * extent.channels) * extent.channels + element % extent.channels
      case .pixels: element / extent.channels
      }
    }
    var random = TestRandom(seed: 5)
    let count = extent.elementCount
    let operandCount = operandIndex(count - 1) + 1
    let (a, b, g) = (random.floats(count), random.floats(operandCount), random.floats(count))
    for operation in [BinaryOperation.multiply, .subtract] {
      let results = try sameForEveryEngine("\(operation) \(spread) \(extent)") { engine, memory in
        let (first, second) = (memory.floats(a), memory.floats(b))
        let fresh = memory.unwritten(count)
        let added = memory.floats(a)
        unsafe engine.combine(
          operation, first.constant, second.constant, spread: spread, over: extent,
          into: fresh.pointer)
        unsafe engine.combine(
          operation, first.constant, second.constant, spread: spread, over: extent,
          into: added.pointer, accumulate: true)
        let gradient = memory.floats(g)
        let sums = memory.unwritten(operandCount)
        let addedSums = memory.floats(b)
        for (sums, accumulate) in [(sums, false), (addedSums, true)] {
          unsafe engine.combineBackward(
            gradient.constant, with: operation == .multiply ? first.constant : nil,
            spread: spread, over: extent, into: sums.pointer, accumulate: accumulate)
        }
        unsafe engine.combine(
          operation, first.constant, second.constant, spread: spread, over: extent,
          into: first.pointer)
        return [fresh.values, added.values, first.values, sums.values, addedSums.values]
      }
      let expected = a.indices.map { index in
        operation == .multiply
          ? a[index] * b[operandIndex(index)] : a[index] - b[operandIndex(index)]
      }
      expectSame(results[0], expected)
      expectSame(results[1], zip(a, expected).map { $0 + $1 })
      expectSame(results[2], expected)
      var sums = [Double](repeating: 0, count: operandCount)
      // Terms of both signs cancel: what rounding amounts to depends on their magnitudes.
      var magnitudes = b.map { Double(abs($0)) }
      for index in a.indices {
        let term = Double(g[index]) * (operation == .multiply ? Double(a[index]) : -1)
        sums[operandIndex(index)] += term
        magnitudes[operandIndex(index)] += abs(term)
      }
      for index in sums.indices {
        let rounding = 1e-6 * magnitudes[index]
        #expect(abs(Double(results[3][index]) - sums[index]) <= rounding)
        #expect(abs(Double(results[4][index]) - (sums[index] + Double(b[index]))) <= rounding)
      }
    }
  }

  @Test(arguments: [0, 0.1, 0.5, 0.9] as [Float])
  func elementsDropOutByIndexAndSeed(probability: Float) throws {
    let count = 100_003
    let x = (0..<count).map { Float($0 % 7) + 1 }
    let results = try sameForEveryEngine("\(probability)") { engine, memory in
      func dropped(_ input: [Float], seed: UInt64, accumulate: Bool = false) -> [Float] {
        let output = memory.floats(input)
        unsafe engine.dropOut(
          input: memory.floats(input).constant, output: output.pointer, count: input.count,
          probability: probability, seed: seed, accumulate: accumulate)
        return output.values
      }
      return [
        dropped(x, seed: 1), dropped(x, seed: 2), dropped(Array(x.prefix(501)), seed: 1),
        dropped(x, seed: 1, accumulate: true),
      ]
    }
    let kept = results[0].map { $0 != 0 }
    let scale = 1 / (1 - probability)
    expectSame(results[0], zip(x, kept).map { $1 ? $0 * scale : 0 })
    expectSame(Array(results[0].prefix(501)), results[2], "the first elements alone")
    expectSame(results[3], zip(x, results[0]).map { $0 + $1 })
    // Five standard deviations.
    let share = Double(kept.count { $0 }) / Double(count)
    let deviation = (Double(probability * (1 - probability)) / Double(count)).squareRoot()
    #expect(abs(share - Double(1 - probability)) <= 5 * deviation)
    // Another seed, and neighbours, drop out independently.
    let both = zip(results[0], results[1]).count { $0 != 0 && $1 != 0 }
    let neighbours = zip(kept, kept.dropFirst()).count { $0 && $1 }
    for pairs in [both, neighbours] {
      let expected = Double((1 - probability) * (1 - probability))
      #expect(abs(Double(pairs) / Double(count) - expected) < 0.01)
    }
    if probability == 0 { #expect(results[0] == x) }
  }

  @Test(arguments: [1, 3, 4, 40], [3, 16, 70])
  func localResponsesAreTheFormula(size: Int, channels: Int) throws {
    let pixels = 1_100
    let response = LocalResponse(size: size, factor: 0.3, exponent: 0.75, offset: 2)
    var random = TestRandom(seed: 6)
    let (x, g) = (
      random.floats(pixels * channels).map { 4 * $0 }, random.floats(pixels * channels)
    )
    let results = try sameForEveryEngine("\(size) of \(channels)") { engine, memory in
      let byteCount = Engine.localResponseScratchBytes(
        response, channels: channels, threadCount: engine.threadCount)
      let scratch = memory.unwritten(byteCount / 4)
      let input = memory.floats(x)
      let output = memory.unwritten(x.count)
      unsafe engine.normalizeLocally(
        response, input: input.constant, output: output.pointer, pixels: pixels,
        channels: channels, sketching: nil, scratch: UnsafeMutableRawPointer(scratch.pointer))
      let gradient = memory.floats(g)
      let added = memory.floats(x)
      for (destination, accumulate) in [(added, true), (gradient, false)] {
        unsafe engine.normalizeLocallyBackward(
          response, input: input.constant, outputGradient: gradient.constant,
          inputGradient: destination.pointer, pixels: pixels, channels: channels,
          accumulate: accumulate, scratch: UnsafeMutableRawPointer(scratch.pointer))
      }
      return [output.values, gradient.values, added.values]
    }
    var (values, gradients) = ([Double](), [Double]())
    for pixel in 0..<pixels {
      let row = pixel * channels..<(pixel + 1) * channels
      let (x, g) = (x[row].map(Double.init), g[row].map(Double.init))
      func window(_ channel: Int) -> Range<Int> {
        max(0, channel - size / 2)..<min(channels, channel + (size - 1) / 2 + 1)
      }
      let d = x.indices.map { channel in
        2 + Double(Float(0.3)) * window(channel).reduce(0) { $0 + x[$1] * x[$1] }
      }
      for channel in x.indices {
        values.append(x[channel] * pow(d[channel], -0.75))
        var gradient = g[channel] * pow(d[channel], -0.75)
        for other in x.indices where window(other).contains(channel) {
          gradient -=
            2 * Double(Float(0.3)) * 0.75 * x[channel] * g[other] * x[other]
            * pow(d[other], -1.75)
        }
        gradients.append(gradient)
      }
    }
    expectClose(results[0], values, tolerance: 2e-6, "values")
    expectClose(results[1], gradients, tolerance: 2e-6, "gradients")
    expectClose(results[2], zip(gradients, x).map { $0 + Double($1) }, tolerance: 2e-6, "added")
  }
}
