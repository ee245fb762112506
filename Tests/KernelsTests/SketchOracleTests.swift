import KernelInterface
import Kernels
import NativeEngine
import OracleSupport
import Testing

/// The reference numbers of `sketch.safetensors`.
@Suite struct SketchOracleTests {
  static let cases = Result { try OracleFile("sketch").cases() }
  let engine = Engine(threadCount: 1, instructionSet: .widest)

  /// Both checks, one after the other: together they read all of a case.
  @Test func everyCaseIsHonoured() throws {
    try checkFacts()
    try fixedProbesGiveTheReferenceGradient()
    try squaredErrorsAreThoseOfTheClosedForm()
    for oracle in try Self.cases.get() { #expect(oracle.unread == [], "\(oracle)") }
  }

  /// What the fields say of the tensors, and of one another.
  private func checkFacts() throws {
    for oracle in try Self.cases.get() {
      let fields = oracle.fields
      let size = try fields.integers("size")
      let exact = try oracle.tensor("dw")
      let squares = exact.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      let norm = try fields.double("dw_sq_norm")
      #expect(try fields.integer("pixels") == size.reduce(1, *))
      #expect(try fields.integer("probes") == oracle.shape("probes_gaussian_shared")[0])
      #expect(try fields.integers("output_size") == Array(oracle.shape("dy").dropFirst(2)))
      #expect(abs(squares - norm) <= 1e-6 * norm)
      for expected in try fields.objects("expected") {
        let error = try expected.double("expected_sq_error")
        let relative = try expected.double("expected_relative_rms_error")
        #expect(abs((error / norm).squareRoot() - relative) <= 1e-6 * relative)
        // The simulation that the closed form was confirmed with.
        let simulation = try expected.object("monte_carlo")
        #expect(try simulation.integer("draws") > 0)
        #expect(
          try abs(simulation.double("mean") - error)
            <= 5 * simulation.double("standard_error") + 1e-9 * norm)
      }
    }
  }

  private func fixedProbesGiveTheReferenceGradient() throws {
    var runs = 0
    for oracle in try Self.cases.get() {
      let problem = try SketchProblem(oracle)
      func expectReference(
        _ estimator: SketchDescription.Estimator, size: Int,
        deflation: SketchDescription.Deflation = .none, probes: [Float], tensor: String
      ) throws {
        let description = try SketchDescription(
          estimator: estimator, size: size, seed: 0, deflation: deflation)
        let gradient = problem.estimate(description, engine: engine, probes: probes)
        let comparison = try oracle.compare(gradient, with: tensor) { $0.convolutionWeights() }
        #expect(comparison.agrees, "\(comparison)")
        runs += 1
      }
      for (estimator, name) in [
        (SketchDescription.Estimator.gaussian, "gaussian_shared"),
        (.rademacher, "rademacher_shared"),
      ] {
        let probes = try oracle.tensor("probes_\(name)")
        try expectReference(
          estimator, size: probes.shape[0], probes: probes.transposed([1, 0]).values,
          tensor: "dw_\(name)")
      }
      let probes = try oracle.tensor("probes_rademacher_per_sample")
      try expectReference(
        .rademacherPerSample, size: probes.shape[1], probes: probes.transposed([0, 2, 1]).values,
        tensor: "dw_rademacher_per_sample")
      let signs = try oracle.tensor("signs").values
      for size in try oracle.fields.integers("sizes") {
        try expectReference(.fold, size: size, probes: signs, tensor: "dw_fold_m\(size)")
        try expectReference(
          .fold, size: size, deflation: .mean, probes: signs, tensor: "dw_fold_centered_m\(size)")
      }
    }
    #expect(runs > 0)
  }

  private func squaredErrorsAreThoseOfTheClosedForm() throws {
    var runs = 0
    for oracle in try Self.cases.get() {
      let problem = try SketchProblem(oracle)
      let exact = try oracle.tensor("dw").convolutionWeights().values
      for expected in try oracle.fields.objects("expected") {
        let name = try expected.string("estimator")
        guard let (estimator, deflation) = Self.estimator(named: name) else {
          throw OracleError("case '\(oracle)' has the estimator '\(name)', which nobody knows")
        }
        let size = try expected.integer("size")
        let draws = 300
        var statistics = DrawStatistics(exact)
        for draw in 0..<draws {
          let description = try SketchDescription(
            estimator: estimator, size: size, seed: UInt64(draw), deflation: deflation)
          statistics.add(problem.estimate(description, engine: engine))
        }
        // Where the expected error is 0 the gradient is exact, but rounded.
        let rounding = 1e-5 * exact.reduce(0.0) { max($0, abs(Double($1))) }
        let tolerance =
          5 * (try expected.double("sd_of_one_draw")) / Double(draws).squareRoot()
          + Double(exact.count) * rounding * rounding
        let closedForm = try expected.double("expected_sq_error")
        #expect(
          abs(statistics.meanSquaredError - closedForm) <= tolerance,
          "\(oracle.name) \(name) \(size): \(statistics.meanSquaredError) for \(closedForm)")
        // The error of the mean is the expected error divided by the draws, on average. Its spread
        // is that of few effective dimensions, hence the factor.
        #expect(
          statistics.squaredErrorOfMean
            <= 6 * closedForm / Double(draws) + Double(exact.count) * rounding * rounding,
          "\(oracle.name) \(name) \(size): \(statistics.squaredErrorOfMean)")
        runs += 1
      }
    }
    #expect(runs > 0)
  }

  static func estimator(
    named name: String
  ) -> (SketchDescription.Estimator, SketchDescription.Deflation)? {
    switch name {
    case "gaussian_shared": (.gaussian, .none)
    case "rademacher_shared": (.rademacher, .none)
    case "rademacher_per_sample": (.rademacherPerSample, .none)
    case "fold": (.fold, .none)
    case "fold_centered": (.fold, .mean)
    default: nil
    }
  }
}

/// Means over draws of an estimated gradient.
struct DrawStatistics {
  private let exact: [Float]
  private var sums: [Double]
  private var squaredErrors = 0.0
  private var squaresOfSquaredErrors = 0.0
  private var draws = 0.0

  init(_ exact: [Float]) {
    self.exact = exact
    sums = Array(repeating: 0, count: exact.count)
  }

  mutating func add(_ estimate: [Float]) {
    draws += 1
    var squaredError = 0.0
    for (index, (value, reference)) in zip(estimate, exact).enumerated() {
      let error = Double(value) - Double(reference)
      sums[index] += error
      squaredError += error * error
    }
    squaredErrors += squaredError
    squaresOfSquaredErrors += squaredError * squaredError
  }

  /// The mean of ‖ĝ − g‖².
  var meanSquaredError: Double { squaredErrors / draws }

  /// The standard error of that mean, as the draws themselves show it.
  var standardError: Double {
    let variance = squaresOfSquaredErrors / draws - meanSquaredError * meanSquaredError
    return (max(0, variance) / draws).squareRoot()
  }

  /// ‖mean of ĝ − g‖².
  var squaredErrorOfMean: Double { sums.reduce(0) { $0 + ($1 / draws) * ($1 / draws) } }
}
