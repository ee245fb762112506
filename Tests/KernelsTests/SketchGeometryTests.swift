import KernelInterface
import Kernels
import NativeEngine
import TestSupport
import Testing

/// Sketches of convolutions of every shape.
@Suite struct SketchGeometryTests {
  let engine = Engine(threadCount: 2, instructionSet: .widest)

  /// Expects the exact gradient from probes z_j = √N·e_j, whose sketch keeps everything.
  ///
  /// This shows every wrong shift, and has no chance in it.
  private func expectExactWithUnitProbes(
    _ geometry: ConvolutionGeometry, seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let problem = SketchProblem(geometry, seed: seed)
    let count = geometry.inputExtent.volume
    var probes = [Float](repeating: 0, count: count * count)
    for pixel in 0..<count { probes[pixel * count + pixel] = Float(count).squareRoot() }
    let description = try SketchDescription(estimator: .gaussian, size: count, seed: 0)
    let exact = problem.exactGradient()
    for instructionSet in InstructionSet.available {
      let estimate = problem.estimate(
        description, engine: Engine(threadCount: 1, instructionSet: instructionSet), probes: probes)
      // √N is rounded, and the products are.
      #expect(
        largestRelativeError(estimate, exact) < 2e-6, "\(instructionSet) \(geometry)",
        sourceLocation: sourceLocation)
    }
  }

  @Test func unitProbesGiveTheExactGradientOfRandomGeometries() throws {
    var random = TestRandom(seed: 2026)
    var runs = 0
    while runs < 60 {
      // A geometry whose kernel exceeds its padded input is not one.
      guard let geometry = try? random.geometry() else { continue }
      try expectExactWithUnitProbes(geometry, seed: UInt64(runs))
      runs += 1
    }
  }

  /// Widths around those of vectors, many samples, rows longer than a tile, depthwise.
  @Test(arguments: [
    (1, 17, 33, 1, Extent3(depth: 1, height: 6, width: 7)),
    (2, 16, 48, 1, Extent3(depth: 1, height: 5, width: 5)),
    (3, 40, 72, 1, Extent3(depth: 3, height: 4, width: 3)),
    (2, 24, 24, 24, Extent3(depth: 1, height: 7, width: 5)),
    (2, 6, 12, 6, Extent3(depth: 1, height: 7, width: 5)),
    (5, 64, 32, 2, Extent3(depth: 1, height: 4, width: 4)),
    (1, 2, 3, 1, Extent3(depth: 1, height: 20, width: 21)),
    (1, 2, 3, 1, Extent3(depth: 1, height: 3, width: 400)),
    (40, 4, 300, 1, Extent3(depth: 1, height: 5, width: 6)),
  ])
  func unitProbesGiveTheExactGradient(
    batchSize: Int, inputs: Int, outputs: Int, groups: Int, extent: Extent3
  ) throws {
    let geometry = try ConvolutionGeometry(
      batchSize: batchSize, inputChannels: inputs, outputChannels: outputs, groups: groups,
      inputExtent: extent,
      kernelExtent: Extent3(depth: extent.depth == 1 ? 1 : 2, height: 3, width: 3),
      stride: Extent3(depth: 1, height: 2, width: 1),
      paddingBefore: Extent3(depth: 0, height: 1, width: 2),
      paddingAfter: Extent3(depth: 0, height: 2, width: 0))
    try expectExactWithUnitProbes(geometry, seed: 9)
  }

  @Test(arguments: SketchDescription.Estimator.allCases)
  func bitsDoNotDependOnTheNumberOfThreads(estimator: SketchDescription.Estimator) throws {
    let geometry = try ConvolutionGeometry(
      batchSize: 9, inputChannels: 20, outputChannels: 36, groups: 2,
      inputExtent: Extent3(depth: 1, height: 13, width: 11),
      kernelExtent: Extent3(depth: 1, height: 3, width: 3),
      stride: Extent3(depth: 1, height: 2, width: 1),
      paddingBefore: Extent3(depth: 0, height: 1, width: 1),
      paddingAfter: Extent3(depth: 0, height: 1, width: 1))
    let problem = SketchProblem(geometry, seed: 4)
    for (size, deflation, storage) in [
      (1, SketchDescription.Deflation.none, SketchDescription.Storage.float32),
      (5, .mean, .float32), (16, .tiles(4), .int8), (19, .mean, .int4), (700, .none, .int2),
    ] {
      func description(seed: UInt64) throws -> SketchDescription {
        let isPlain = estimator.mixesChannels
        return try SketchDescription(
          estimator: estimator, size: size, seed: seed, deflation: isPlain ? .none : deflation,
          storage: isPlain ? .float32 : storage)
      }
      for instructionSet in InstructionSet.available {
        let wanted = problem.estimate(
          try description(seed: 8), engine: Engine(threadCount: 1, instructionSet: instructionSet))
        #expect(wanted.allSatisfy { $0.isFinite })
        for threadCount in [2, 4] {
          let engine = Engine(threadCount: threadCount, instructionSet: instructionSet)
          for _ in 0..<3 {
            #expect(problem.estimate(try description(seed: 8), engine: engine) == wanted)
          }
        }
      }
      #expect(
        problem.estimate(try description(seed: 8), engine: engine)
          != problem.estimate(try description(seed: 9), engine: engine))
    }
  }

  @Test func accumulatingAddsToWhatIsThere() throws {
    var random = TestRandom(seed: 5)
    let problem = SketchProblem(try random.geometry(), seed: 6)
    // Powers of two and whole numbers: sums are exact.
    let description = try SketchDescription(estimator: .rademacher, size: 4, seed: 2)
    let alone = problem.estimate(description, engine: engine)
    let start = alone.indices.map { Float($0) }
    let sum = problem.estimate(description, engine: engine, accumulatingInto: start)
    #expect(sum == zip(alone, start).map { $0 + $1 })
  }

  @Test(arguments: [0, -1, Int.min])
  func aSizeBelowOneIsRefused(size: Int) {
    #expect(throws: SketchError.sizeBelowOne(size)) {
      try SketchDescription(estimator: .gaussian, size: size, seed: 0)
    }
  }

  @Test func storedBytesAreThoseOfTheFormula() throws {
    let geometry = try ConvolutionGeometry(
      batchSize: 7, inputChannels: 5, outputChannels: 3,
      inputExtent: Extent3(depth: 1, height: 28, width: 28),
      kernelExtent: Extent3(depth: 1, height: 3, width: 3))
    let description = try SketchDescription(estimator: .gaussian, size: 16, seed: 0)
    #expect(description.byteCount(for: geometry) == 7 * 5 * 16 * 4)
    let fold = try SketchDescription(
      estimator: .fold, size: 60, seed: 0, deflation: .mean, storage: .int8)
    #expect(fold.byteCount(for: geometry) == 7 * 5 * 64)
    let nibbles = try SketchDescription(
      estimator: .fold, size: 119, seed: 0, deflation: .mean, storage: .int4)
    #expect(nibbles.byteCount(for: geometry) == 7 * 5 * 64)
    let tiles = try SketchDescription(estimator: .fold, size: 12, seed: 0, deflation: .tiles(4))
    #expect(tiles.byteCount(for: geometry) == 7 * 5 * 16 * 4)
    // There are never more buckets than pixels.
    let exact = try SketchDescription(estimator: .fold, size: 1000, seed: 0)
    #expect(exact.byteCount(for: geometry) == 7 * 5 * 784 * 4)
  }

  /// A sketch of a map that is too large for its probes to be held whole.
  @Test func scratchIsSmall() throws {
    let geometry = try ConvolutionGeometry(
      batchSize: 256, inputChannels: 64, outputChannels: 64,
      inputExtent: Extent3(depth: 1, height: 1024, width: 1024),
      kernelExtent: Extent3(depth: 1, height: 3, width: 3),
      paddingBefore: Extent3(depth: 0, height: 1, width: 1),
      paddingAfter: Extent3(depth: 0, height: 1, width: 1))
    let description = try SketchDescription(estimator: .gaussian, size: 64, seed: 0)
    #expect(description.sketchScratchByteCount(for: geometry, threadCount: 8) <= 1 << 17)
    #expect(description.gradientScratchByteCount(for: geometry, threadCount: 8) <= 9 << 18)
  }
}
