import KernelInterface
import Kernels
import OracleSupport
import Testing

/// The reference numbers of `sketch.safetensors`.
@Suite struct SketchOracleTests {
  static let cases = Result { try OracleFile("sketch").cases }
  let engine = Engine(threadCount: 2, instructionSet: .widest)

  @Test func fixedProbesGiveTheReferenceGradient() throws {
    var runs = 0
    for oracle in try Self.cases.get() {
      let problem = try SketchProblem(oracle)
      for (name, estimator) in [
        ("gaussian_shared", SketchDescription.Estimator.gaussian),
        ("rademacher_shared", .rademacher),
      ] {
        let probes = try oracle.tensor("probes_\(name)")
        let description = try SketchDescription(
          estimator: estimator, size: probes.shape[0], seed: 0)
        let gradient = problem.estimate(
          description, engine: engine, probes: probes.transposed([1, 0]).values)
        let comparison = try oracle.compare(gradient, with: "dw_\(name)") {
          $0.convolutionWeights()
        }
        #expect(comparison.agrees, "\(comparison)")
        runs += 1
      }
    }
    #expect(runs > 0)
  }

  @Test func squaredErrorsAreThoseOfTheClosedForm() throws {
    var runs = 0
    var skipped: Set<String> = []
    for oracle in try Self.cases.get() {
      let problem = try SketchProblem(oracle)
      let exact = try oracle.tensor("dw").convolutionWeights().values
      for expected in try oracle.fields.objects("expected") {
        let name = try expected.string("estimator")
        guard let estimator = Self.estimator(named: name) else {
          skipped.insert(name)
          continue
        }
        let size = try expected.integer("size")
        let draws = 300
        var statistics = DrawStatistics(exact)
        for draw in 0..<draws {
          let description = try SketchDescription(
            estimator: estimator, size: size, seed: UInt64(draw))
          statistics.add(problem.estimate(description, engine: engine))
        }
        let tolerance =
          5 * (try expected.double("sd_of_one_draw")) / Double(draws).squareRoot()
        let closedForm = try expected.double("expected_sq_error")
        #expect(
          abs(statistics.meanSquaredError - closedForm) <= tolerance,
          "\(oracle.name) \(name) \(size): \(statistics.meanSquaredError) for \(closedForm)")
        // The error of the mean is the expected error divided by the draws, on average. Its spread
        // is that of few effective dimensions, hence the factor.
        #expect(
          statistics.squaredErrorOfMean <= 6 * closedForm / Double(draws),
          "\(oracle.name) \(name) \(size): \(statistics.squaredErrorOfMean)")
        runs += 1
      }
    }
    #expect(runs > 0)
    if !skipped.isEmpty { print("skipped estimators: \(skipped.sorted())") }
  }

  static func estimator(named name: String) -> SketchDescription.Estimator? {
    switch name {
    case "gaussian_shared": .gaussian
    case "rademacher_shared": .rademacher
    default: nil
    }
  }
}

/// Means over draws of an estimated gradient.
struct DrawStatistics {
  private let exact: [Float]
  private var sums: [Double]
  private var squaredErrors = 0.0
  private var draws = 0.0

  init(_ exact: [Float]) {
    self.exact = exact
    sums = Array(repeating: 0, count: exact.count)
  }

  mutating func add(_ estimate: [Float]) {
    draws += 1
    for (index, (value, reference)) in zip(estimate, exact).enumerated() {
      let error = Double(value) - Double(reference)
      sums[index] += error
      squaredErrors += error * error
    }
  }

  /// The mean of ‖ĝ − g‖².
  var meanSquaredError: Double { squaredErrors / draws }

  /// ‖mean of ĝ − g‖².
  var squaredErrorOfMean: Double { sums.reduce(0) { $0 + ($1 / draws) * ($1 / draws) } }
}
