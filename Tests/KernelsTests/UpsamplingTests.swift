import KernelInterface
import Kernels
import TestSupport
import Testing

@Suite struct UpsamplingTests {
  /// Batch, extents, factors, channels: one to three axes, channels below and above a vector.
  static let cases: [(Int, [Int], [Int], Int)] = [
    (2, [1, 1, 5], [1, 1, 3], 1), (1, [1, 4, 3], [1, 2, 2], 16), (3, [2, 3, 4], [2, 2, 2], 7),
    (1, [3, 1, 2], [1, 3, 2], 33), (2, [2, 2, 2], [1, 1, 1], 5), (0, [2, 2, 2], [2, 2, 2], 5),
    (1, [16, 16, 16], [2, 2, 2], 24),
  ]

  @Test(arguments: cases)
  func everyPixelBecomesABlock(batch: Int, extents: [Int], factors: [Int], channels: Int) throws {
    let geometry = UpsamplingGeometry(
      batchSize: batch, channels: channels,
      inputExtent: Extent3(depth: extents[0], height: extents[1], width: extents[2]),
      factor: Extent3(depth: factors[0], height: factors[1], width: factors[2]))
    let outer = zip(extents, factors).map { $0 * $1 }
    /// For every element of the output, the element of the input that it is a copy of.
    var sources: [Int] = []
    for sample in 0..<batch {
      for d in 0..<outer[0] {
        for h in 0..<outer[1] {
          for w in 0..<outer[2] {
            let slice = sample * extents[0] + d / factors[0]
            let pixel = (slice * extents[1] + h / factors[1]) * extents[2] + w / factors[2]
            sources += (0..<channels).map { pixel * channels + $0 }
          }
        }
      }
    }
    var random = TestRandom(seed: 1)
    let input = random.floats(batch * extents.reduce(channels, *))
    let gradient = random.floats(sources.count)
    let results = try sameForEveryEngine("\(extents)") { engine, memory in
      let output = memory.unwritten(sources.count)
      unsafe engine.upsample(
        geometry, input: memory.floats(input).constant, output: output.pointer)
      let backward = memory.unwritten(input.count)
      let added = memory.floats(input)
      for (destination, accumulate) in [(backward, false), (added, true)] {
        unsafe engine.upsampleBackward(
          geometry, outputGradient: memory.floats(gradient).constant,
          inputGradient: destination.pointer, accumulate: accumulate)
      }
      return [output.values, backward.values, added.values]
    }
    expectSame(results[0], sources.map { input[$0] })
    var sums = input.map { _ in 0.0 }
    for (element, source) in sources.enumerated() { sums[source] += Double(gradient[element]) }
    // Blocks of at most eight pixels.
    expectClose(results[1], sums, tolerance: 1e-6, "gradient")
    expectClose(results[2], zip(sums, input).map { $0 + Double($1) }, tolerance: 1e-6, "added")
  }
}
