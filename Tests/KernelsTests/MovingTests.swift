import KernelInterface
import Kernels
import TestSupport
import Testing

/// Moving data and resampling on maps that take several tasks: the same bits for any engine, and
/// backward passes that are the transposed of their forward passes.
@Suite struct MovingTests {
  private static let batch = 3
  private static let extent = Extent3(depth: 2, height: 33, width: 40)
  private static let channels = 12

  private static var pixels: Int { batch * extent.volume }

  @Test func channelSlices() throws {
    let (all, some) = (Self.channels, 4)
    try unsafe check("slice", inputs: Self.pixels * all, outputs: Self.pixels * some) {
      engine, input, output, accumulate in
      unsafe engine.gatherChannels(
        input, sourceChannels: all, start: 2, step: 3, into: output, channels: some,
        rows: Self.pixels, accumulate: accumulate)
    } backward: { engine, input, output, accumulate in
      unsafe engine.scatterChannels(
        input, channels: some, into: output, destinationChannels: all, start: 2, step: 3,
        rows: Self.pixels, accumulate: accumulate)
    }
  }

  @Test func channelShuffles() throws {
    let count = Self.pixels * Self.channels
    try unsafe check("shuffle", inputs: count, outputs: count) {
      engine, input, output, accumulate in
      unsafe engine.shuffleChannels(
        input, into: output, channels: Self.channels, groups: 3, rows: Self.pixels,
        accumulate: accumulate)
    } backward: { engine, input, output, accumulate in
      unsafe engine.shuffleChannels(
        input, into: output, channels: Self.channels, groups: 4, rows: Self.pixels,
        accumulate: accumulate)
    }
  }

  @Test func pixelShuffles() throws {
    let geometry = PixelShuffleGeometry(
      batchSize: Self.batch, fineChannels: 2, coarseExtent: Self.extent,
      factor: Extent3(depth: 1, height: 2, width: 3))
    let count = Self.pixels * 12
    try unsafe check("pixel shuffle", inputs: count, outputs: count) {
      engine, input, output, accumulate in
      unsafe engine.shufflePixels(
        geometry, coarse: input, into: output, accumulate: accumulate)
    } backward: { engine, input, output, accumulate in
      unsafe engine.unshufflePixels(
        geometry, fine: input, into: output, accumulate: accumulate)
    }
  }

  @Test(arguments: [PaddingMode.constant(0), .reflect, .replicate])
  func paddings(mode: PaddingMode) throws {
    let before = Extent3(depth: 1, height: 0, width: 7)
    let after = Extent3(depth: 0, height: 20, width: 3)
    let geometry = PaddingGeometry(
      batchSize: Self.batch, channels: Self.channels, inputExtent: Self.extent, before: before,
      after: after, mode: mode)
    let padded = Extent3(depth: 3, height: 53, width: 50)
    try unsafe check(
      "\(mode)", inputs: Self.pixels * Self.channels,
      outputs: Self.batch * padded.volume * Self.channels
    ) { engine, input, output, accumulate in
      // A map is padded once.
      guard !accumulate else { return }
      unsafe engine.pad(geometry, input: input, output: output)
    } backward: { engine, input, output, accumulate in
      unsafe engine.padBackward(
        geometry, outputGradient: input, inputGradient: output, accumulate: accumulate)
    }
  }

  @Test(arguments: [
    (ResamplingMethod.nearest, 1.0), (.nearest, 0.4), (.linear(alignsCorners: false), 1),
    (.linear(alignsCorners: false), 0.4), (.linear(alignsCorners: true), 1),
    (.linear(alignsCorners: true), 0.4),
  ])
  func resamplings(method: ResamplingMethod, share: Double) throws {
    let output = Extent3(depth: 3, height: Int(47 * share), width: Int(91 * share))
    for scales in [nil, (1.5, 1.43 * share, 2.28 * share)] {
      let geometry = ResamplingGeometry(
        batchSize: Self.batch, channels: Self.channels, inputExtent: Self.extent,
        outputExtent: output, scales: scales, method: method)
      try unsafe check(
        "\(method), \(share)", inputs: Self.pixels * Self.channels,
        outputs: Self.batch * output.volume * Self.channels
      ) { engine, input, output, accumulate in
        guard !accumulate else { return }
        unsafe engine.resample(geometry, input: input, output: output)
      } backward: { engine, input, output, accumulate in
        unsafe engine.resampleBackward(
          geometry, outputGradient: input, inputGradient: output, accumulate: accumulate)
      }
    }
  }

  private typealias Pass = (
    Engine, UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ accumulate: Bool
  ) -> Void

  /// Checks ⟨A x, y⟩ = ⟨x, Aᵀ y⟩, that every element is written, and that sums start where they should.
  private func check(
    _ name: String, inputs: Int, outputs: Int, forward: Pass, backward: Pass
  ) throws {
    var random = TestRandom(seed: 3)
    let x = random.floats(inputs)
    let y = random.floats(outputs)
    let start = random.floats(max(inputs, outputs))
    let results = try sameForEveryEngine(name) { engine, memory in
      let output = memory.unwritten(outputs)
      let gradient = memory.unwritten(inputs)
      let added = memory.floats(Array(start.prefix(inputs)))
      let joined = memory.floats(Array(start.prefix(outputs)))
      unsafe forward(engine, memory.floats(x).constant, output.pointer, false)
      unsafe forward(engine, memory.floats(x).constant, joined.pointer, true)
      unsafe backward(engine, memory.floats(y).constant, gradient.pointer, false)
      unsafe backward(engine, memory.floats(y).constant, added.pointer, true)
      return [output.values, gradient.values, added.values, joined.values]
    }
    #expect(results.allSatisfy { $0.allSatisfy(\.isFinite) }, "\(name)")
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (left, right) = (product(results[0], y), product(x, results[1]))
    #expect(abs(left - right) <= 1e-5 * Double(outputs).squareRoot(), "\(name): \(left), \(right)")
    expectClose(
      results[2], zip(start, results[1]).map { Double($0) + Double($1) }, tolerance: 1e-6,
      "\(name): added gradient")
    let isAdded = results[3] != Array(start.prefix(outputs))
    if isAdded {
      expectClose(
        results[3], zip(start, results[0]).map { Double($0) + Double($1) }, tolerance: 1e-6,
        "\(name): added output")
    }
  }
}
