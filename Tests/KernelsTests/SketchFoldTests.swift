import KernelInterface
import Kernels
import NativeEngine
import TestSupport
import Testing

/// The fold, from its definition: with whole numbers there is nothing to round, so that results are
/// equal and not about equal.
@Suite struct SketchFoldTests {
  /// Σ_b Σ_j S_j(x)·S_j(y^u) with the signs that are given: sample by sample, pixel by pixel.
  private func expected(
    _ problem: SketchProblem, size: Int, signs: [Float]
  ) -> [Float] {
    let g = problem.geometry
    let pixels = g.inputExtent.volume
    let buckets = min(size, pixels)
    var result = [Float](repeating: 0, count: g.weightCount)
    for sample in 0..<g.batchSize {
      var x = [Float](repeating: 0, count: buckets * g.inputChannels)
      for pixel in 0..<pixels {
        for channel in 0..<g.inputChannels {
          x[pixel % buckets * g.inputChannels + channel] +=
            signs[sample * pixels + pixel]
            * problem.input[(sample * pixels + pixel) * g.inputChannels + channel]
        }
      }
      for tap in 0..<g.kernelExtent.volume {
        var y = [Float](repeating: 0, count: buckets * g.outputChannels)
        problem.forEachPixelPair(tap: tap) { output, pixel in
          for channel in 0..<g.outputChannels {
            let index = (sample * g.outputExtent.volume + output) * g.outputChannels + channel
            y[pixel % buckets * g.outputChannels + channel] +=
              signs[sample * pixels + pixel] * problem.outputGradient[index]
          }
        }
        for channel in 0..<g.outputChannels {
          let first = channel / g.groupOutputChannels * g.groupInputChannels
          for member in 0..<g.groupInputChannels {
            for bucket in 0..<buckets {
              result[(tap * g.groupInputChannels + member) * g.outputChannels + channel] +=
                x[bucket * g.inputChannels + first + member]
                * y[bucket * g.outputChannels + channel]
            }
          }
        }
      }
    }
    return result
  }

  private func expectEqual(
    _ geometry: ConvolutionGeometry, size: Int, seed: UInt64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let problem = SketchProblem(geometry, seed: seed)
    var random = TestRandom(seed: seed)
    let signs = (0..<geometry.batchSize * geometry.inputExtent.volume).map { _ -> Float in
      random.below(2) == 0 ? 1 : -1
    }
    let description = try SketchDescription(estimator: .fold, size: size, seed: 0)
    let wanted = expected(problem, size: size, signs: signs)
    for instructionSet in InstructionSet.available {
      for threadCount in [1, 2] {
        let engine = Engine(threadCount: threadCount, instructionSet: instructionSet)
        #expect(
          problem.estimate(description, engine: engine, probes: signs) == wanted,
          "\(instructionSet), \(threadCount) threads, \(size) buckets, \(geometry)",
          sourceLocation: sourceLocation)
      }
    }
  }

  @Test func randomGeometries() throws {
    var random = TestRandom(seed: 77)
    var runs = 0
    while runs < 60 {
      guard let geometry = try? random.geometry() else { continue }
      let size = 1 + random.below(geometry.inputExtent.volume + 2)
      try expectEqual(geometry, size: size, seed: UInt64(runs))
      runs += 1
    }
  }

  /// Windows that move on by one pixel are folded from copies: channels around the widths of vectors
  /// and blocks, kernels of all numbers of taps, outputs that no input reaches, a map too large to copy.
  @Test(arguments: [
    (1, 1, 1, 3, 1, 1), (2, 3, 1, 3, 1, 1), (16, 17, 1, 3, 1, 1), (5, 31, 1, 3, 1, 2),
    (32, 32, 1, 5, 2, 1), (4, 33, 1, 2, 0, 1), (3, 40, 1, 2, 3, 1), (6, 48, 2, 3, 1, 1),
    (4, 64, 4, 3, 2, 2), (2, 72, 1, 1, 0, 1), (2, 100, 1, 1, 2, 1),
  ])
  func neighbouringWindows(
    inputs: Int, outputs: Int, groups: Int, kernel: Int, padding: Int, dilation: Int
  ) throws {
    for extent in [
      Extent3(depth: 1, height: 9, width: 7), Extent3(depth: 1, height: 1, width: 30),
      Extent3(depth: 5, height: 6, width: 5),
    ] {
      func axis(_ number: Int, _ leading: Int) -> Extent3 {
        Extent3(
          depth: extent.depth == 1 ? leading : number,
          height: extent.height == 1 ? leading : number, width: number)
      }
      let geometry = try ConvolutionGeometry(
        batchSize: 3, inputChannels: inputs, outputChannels: outputs, groups: groups,
        inputExtent: extent, kernelExtent: axis(kernel, 1), paddingBefore: axis(padding, 0),
        paddingAfter: axis(max(0, padding - 1), 0), dilation: axis(dilation, 1))
      for size in [1, 7, extent.volume - 1, extent.volume] {
        try expectEqual(geometry, size: size, seed: 3)
      }
    }
  }

  @Test func mapsTooLargeToCopy() throws {
    let geometry = try ConvolutionGeometry(
      batchSize: 1, inputChannels: 1, outputChannels: 2,
      inputExtent: Extent3(depth: 1, height: 92, width: 92),
      kernelExtent: Extent3(depth: 1, height: 3, width: 3),
      paddingBefore: Extent3(depth: 0, height: 1, width: 1),
      paddingAfter: Extent3(depth: 0, height: 1, width: 1))
    let description = try SketchDescription(estimator: .fold, size: 100, seed: 0)
    #expect(TapFoldPlan(description, geometry) == nil)
    try expectEqual(geometry, size: 100, seed: 1)
  }

  /// With a bucket for every pixel only the rounding of numbers is left, whatever is removed: 256
  /// levels are a 250th of the largest number apart.
  @Test(arguments: [
    SketchDescription.Deflation.none, .mean, .tiles(4),
  ])
  func aBucketForEveryPixelIsExactButForRounding(deflation: SketchDescription.Deflation) throws {
    var random = TestRandom(seed: 5)
    var runs = 0
    while runs < 20 {
      guard let geometry = try? random.geometry() else { continue }
      runs += 1
      let problem = SketchProblem(geometry, seed: UInt64(runs))
      let exact = problem.exactGradient()
      for (storage, tolerance) in [
        (SketchDescription.Storage.float32, 4e-6), (.int8, 0.05), (.int4, 0.8),
      ] {
        let description = try SketchDescription(
          estimator: .fold, size: geometry.inputExtent.volume, seed: 4, deflation: deflation,
          storage: storage)
        let engine = Engine(threadCount: 2, instructionSet: .widest)
        let error = largestRelativeError(problem.estimate(description, engine: engine), exact)
        #expect(error < tolerance, "\(storage) \(geometry)")
      }
    }
  }
}
