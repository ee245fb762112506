import KernelInterface
import Kernels
import NativeEngine
import TestSupport
import Testing

/// Errors of estimated gradients against the closed form, for convolutions of every shape.
@Suite struct SketchErrorTests {
  typealias Deflation = SketchDescription.Deflation

  let engine = Engine(threadCount: 1, instructionSet: .widest)

  @Test(arguments: SketchDescription.Estimator.allCases)
  func squaredErrorsAreThoseOfTheClosedForm(estimator: SketchDescription.Estimator) throws {
    var random = TestRandom(seed: 77)
    var runs = 0
    while runs < 8 {
      guard let geometry = try? random.geometry() else { continue }
      let problem = SketchProblem(geometry, seed: UInt64(runs))
      for (size, deflation) in [(3, Deflation.none), (5, .mean), (4, .tiles(6))]
      where !estimator.mixesChannels || deflation == .none {
        try expectClosedForm(problem, estimator, size, deflation)
      }
      runs += 1
    }
  }

  private func expectClosedForm(
    _ problem: SketchProblem, _ estimator: SketchDescription.Estimator, _ size: Int,
    _ deflation: Deflation
  ) throws {
    let draws = 300
    let exact = problem.exactGradient()
    var statistics = DrawStatistics(exact)
    var closedForm = 0.0
    for seed in 0..<draws {
      let description = try SketchDescription(
        estimator: estimator, size: size, seed: UInt64(seed), deflation: deflation)
      // Supports are drawn too: the mean of the closed forms of some draws.
      let formCount = estimator == .orthogonal ? 20 : 1
      if seed < formCount {
        closedForm +=
          SketchClosedForm(problem, description).expectedSquaredError / Double(formCount)
      }
      statistics.add(problem.estimate(description, engine: engine))
    }
    let norm = exact.reduce(0.0) { $0 + Double($1) * Double($1) }
    // Rounding, where the error is zero.
    let rounding = 1e-10 * norm + 1e-8
    // The standard error is itself measured, from draws with long tails: 5 of it and a little more.
    #expect(
      abs(statistics.meanSquaredError - closedForm)
        <= 6 * statistics.standardError + rounding
        + (estimator == .orthogonal ? 0.05 * closedForm : 0),
      """
      \(estimator) \(size) \(deflation) \(problem.geometry): \(statistics.meanSquaredError) for \
      \(closedForm), standard error \(statistics.standardError)
      """)
    #expect(
      statistics.squaredErrorOfMean <= 6 * closedForm / Double(draws) + rounding,
      "\(estimator) \(size) \(deflation) \(problem.geometry)")
  }

  /// Supports that share no probe, and supports that overlap, for a few channels.
  @Test(arguments: [3, 7, 16, 64, 70])
  func orthogonalProbesAreUnbiasedWhateverTheirSupports(size: Int) throws {
    let geometry = try ConvolutionGeometry(
      batchSize: 2, inputChannels: 6, outputChannels: 4, groups: 2,
      inputExtent: Extent3(depth: 1, height: 4, width: 3),
      kernelExtent: Extent3(depth: 1, height: 2, width: 2))
    try expectClosedForm(SketchProblem(geometry, seed: 1), .orthogonal, size, .none)
  }

  /// A bucket for each pixel loses nothing, whatever is carried beside.
  @Test(arguments: [Deflation.none, .mean, .tiles(4)])
  func aFoldWithABucketForEachPixelIsExact(deflation: Deflation) throws {
    var random = TestRandom(seed: 99)
    var runs = 0
    while runs < 40 {
      guard let geometry = try? random.geometry() else { continue }
      let problem = SketchProblem(geometry, seed: UInt64(runs))
      let exact = problem.exactGradient()
      for excess in [0, 1, 1000] {
        let description = try SketchDescription(
          estimator: .fold, size: geometry.inputExtent.volume + excess, seed: 3,
          deflation: deflation)
        for instructionSet in InstructionSet.available {
          let engine = Engine(threadCount: 1, instructionSet: instructionSet)
          let error = largestRelativeError(
            problem.estimate(description, engine: engine), exact)
          // Without deflation these are sums of whole numbers; with it, small gradients are
          // differences of greater numbers.
          #expect(error <= (deflation == .none ? 0 : 1e-5), "\(instructionSet) \(geometry)")
        }
      }
      runs += 1
    }
  }

  /// In few bits: unbiased, and with an error that is that of floats and what rounding adds.
  ///
  /// Rounding to levels a step apart adds at most a quarter of a step squared to each number, with
  /// the step 2/(2ᵇ − 1) of the largest magnitude, rounded up by at most 1/64.
  @Test(
    arguments: [SketchDescription.Estimator.fold, .rademacher, .gaussianPerSample],
    [SketchDescription.Storage.int8, .int4, .int2])
  func fewBitsAreUnbiased(
    estimator: SketchDescription.Estimator, storage: SketchDescription.Storage
  ) throws {
    var random = TestRandom(seed: 123)
    var runs = 0
    while runs < 6 {
      guard let geometry = try? random.geometry() else { continue }
      let problem = SketchProblem(geometry, seed: UInt64(runs))
      let exact = problem.exactGradient()
      let isFold = estimator == .fold
      for size in isFold ? [5, 1000] : [5, 12] {
        let draws = 400
        var statistics = DrawStatistics(exact)
        var closedForm = 0.0
        for seed in 0..<draws {
          let description = try SketchDescription(
            estimator: estimator, size: size, seed: UInt64(seed), deflation: .mean,
            storage: storage)
          if seed == 0 {
            closedForm = SketchClosedForm(problem, description).expectedSquaredError
          }
          statistics.add(problem.estimate(description, engine: engine))
        }
        let step = 2 / Double(1 << storage.bits - 1) * (1 + 1 / 64.0)
        let energy = energyOfProducts(problem)
        // Buckets add up pixels, so the largest may have all the energy of its map. Of the numbers of
        // probes, which are divided by how many there are, it may have as many times that as there are
        // pixels, and with normal numbers a few times more.
        let pixels = geometry.inputExtent.volume
        let share = isFold ? Double(min(size, pixels)) : 4 * Double(pixels) / Double(size)
        let excess = step * step / 4 * energy * share
        let label = "\(estimator) \(storage) \(size) \(geometry): \(statistics.meanSquaredError)"
        #expect(
          statistics.meanSquaredError <= closedForm + excess + 6 * statistics.standardError,
          "\(label) for \(closedForm) and \(excess)")
        #expect(
          statistics.meanSquaredError >= closedForm - 6 * statistics.standardError, "\(label)")
        #expect(
          statistics.squaredErrorOfMean <= 6 * (statistics.meanSquaredError / Double(draws)),
          "\(label), \(statistics.squaredErrorOfMean)")
      }
      runs += 1
    }
  }

  /// The squared norms of inputs times those of output gradients, summed over samples and entries.
  private func energyOfProducts(_ problem: SketchProblem) -> Double {
    let g = problem.geometry
    let taps = Double(g.kernelExtent.volume)
    return (0..<g.batchSize).reduce(0.0) { total, sample in
      func energy(_ values: [Float], _ count: Int) -> Double {
        values[sample * count..<(sample + 1) * count].reduce(0) { $0 + Double($1) * Double($1) }
      }
      return total + taps * energy(problem.input, g.inputExtent.volume * g.inputChannels)
        * energy(problem.outputGradient, g.outputExtent.volume * g.outputChannels)
    }
  }
}
