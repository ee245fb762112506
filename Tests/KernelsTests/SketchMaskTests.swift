import KernelInterface
import Kernels
import NativeEngine
import TestSupport
import Testing

/// A mask as control variate: what it tells is taken from the map, and its exact gradient added again.
@Suite struct SketchMaskTests {
  /// A map as a rectifier leaves it, split into the means of positive pixels, as 16 bits hold them,
  /// where the mask is set, and the rest.
  private func split(_ problem: SketchProblem) -> (told: SketchProblem, rest: SketchProblem) {
    let g = problem.geometry
    let pixels = g.inputExtent.volume
    var told = [Float](repeating: 0, count: problem.input.count)
    for sample in 0..<g.batchSize {
      for channel in 0..<g.inputChannels {
        let places = (0..<pixels).map { (sample * pixels + $0) * g.inputChannels + channel }
          .filter { problem.input[$0] > 0 }
        guard !places.isEmpty else { continue }
        let mean = places.reduce(0) { $0 + problem.input[$1] } / Float(places.count)
        let rounded = Float(bitPattern: (mean.bitPattern + 0x8000) & 0xFFFF_0000)
        for place in places { told[place] = rounded }
      }
    }
    let rest = zip(problem.input, told).map { $0 - $1 }
    return (
      SketchProblem(g, input: told, outputGradient: problem.outputGradient),
      SketchProblem(g, input: rest, outputGradient: problem.outputGradient)
    )
  }

  private func rectified(_ geometry: ConvolutionGeometry, seed: UInt64) -> SketchProblem {
    let problem = SketchProblem(geometry, seed: seed)
    return SketchProblem(
      geometry, input: problem.input.map { max(0, $0) }, outputGradient: problem.outputGradient)
  }

  /// With the same random numbers, the estimate is that of the rest plus what the mask tells, so that
  /// it is right on average, and has the variance of a sketch of the rest.
  @Test func theEstimateIsThatOfTheRestAndTheExactGradientOfWhatTheMaskTells() throws {
    var random = TestRandom(seed: 12)
    var runs = 0
    while runs < 40 {
      guard let geometry = try? random.geometry() else { continue }
      runs += 1
      let problem = rectified(geometry, seed: UInt64(runs))
      let (told, rest) = split(problem)
      let exact = told.exactGradient()
      let size = 1 + random.below(geometry.inputExtent.volume + 1)
      let deflation: SketchDescription.Deflation = [.none, .mean, .tiles(2)][runs % 3]
      for storage in SketchDescription.Storage.allCases {
        func description(usesMask: Bool) throws -> SketchDescription {
          try SketchDescription(
            estimator: .fold, size: size, seed: 9, deflation: deflation, storage: storage,
            usesMask: usesMask)
        }
        for instructionSet in InstructionSet.available {
          let one = Engine(threadCount: 1, instructionSet: instructionSet)
          let estimate = problem.estimate(try description(usesMask: true), engine: one)
          let plain = rest.estimate(try description(usesMask: false), engine: one)
          let error = largestRelativeError(estimate, zip(plain, exact).map { $0 + $1 })
          #expect(error < 1e-5, "\(instructionSet) \(storage) \(size) \(geometry)")
          let two = Engine(threadCount: 2, instructionSet: instructionSet)
          #expect(problem.estimate(try description(usesMask: true), engine: two) == estimate)
        }
      }
    }
  }

  /// Channels around the widths of vectors and tasks.
  @Test(arguments: [1, 8, 15, 16, 17, 64, 70])
  func anyNumberOfChannels(channels: Int) throws {
    let geometry = try ConvolutionGeometry(
      batchSize: 3, inputChannels: channels, outputChannels: 5,
      inputExtent: Extent3(depth: 1, height: 5, width: 7),
      kernelExtent: Extent3(depth: 1, height: 3, width: 3),
      paddingBefore: Extent3(depth: 0, height: 1, width: 1),
      paddingAfter: Extent3(depth: 0, height: 1, width: 1))
    let problem = rectified(geometry, seed: 2)
    let (told, rest) = split(problem)
    let engine = Engine(threadCount: 2, instructionSet: .widest)
    func estimate(_ problem: SketchProblem, usesMask: Bool) throws -> [Float] {
      problem.estimate(
        try SketchDescription(
          estimator: .fold, size: 9, seed: 1, deflation: .mean, storage: .int8,
          usesMask: usesMask), engine: engine)
    }
    let expected = zip(try estimate(rest, usesMask: false), told.exactGradient()).map { $0 + $1 }
    #expect(largestRelativeError(try estimate(problem, usesMask: true), expected) < 1e-5)
  }

  @Test func onlyAFoldTakesAMask() {
    for estimator in SketchDescription.Estimator.allCases where estimator != .fold {
      #expect(throws: SketchError.maskWithoutFold(estimator)) {
        try SketchDescription(estimator: estimator, size: 4, seed: 0, usesMask: true)
      }
    }
  }
}
