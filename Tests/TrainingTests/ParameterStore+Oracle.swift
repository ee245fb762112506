import Execution
import Networks
import OracleSupport

// What all cases of training steps hold: starting values, gradients and running statistics by name.
// Each comparison returns what disagrees, in sentences.
extension ParameterStore {
  /// Takes the values that a case starts with.
  ///
  /// - Throws: `OracleError` if one has another shape.
  func takeStartingValues(of oracle: OracleCase) throws -> [String] {
    var failures: [String] = []
    if try oracle.fields.strings("parameters") != parameters.map(\.name) {
      failures.append("names of parameters \(parameters.map(\.name))")
    }
    if try oracle.fields.strings("running_statistics") != runningStatistics.map(\.name) {
      failures.append("names of running statistics \(runningStatistics.map(\.name))")
    }
    for (index, parameter) in parameters.enumerated() {
      let tensor = try parameter.ours(oracle.tensor("init/\(parameter.name)"))
      guard tensor.shape == parameter.description.shape else {
        throw OracleError("case '\(oracle)' has another shape of \(parameter.name)")
      }
      _ = unsafe value(index).update(from: tensor.values)
    }
    return failures
  }

  /// Compares gradients with those of a case whose names begin with `prefix`, by relative distance.
  func compareGradients(
    of oracle: OracleCase, prefix: String, tolerance: Double
  ) throws -> [String] {
    var failures: [String] = []
    for (index, parameter) in parameters.enumerated() {
      let reference = try parameter.ours(oracle.tensor("\(prefix)/\(parameter.name)")).values
      let error = unsafe distance(Array(gradient(index)), reference) / norm(reference)
      if !(error <= tolerance) {
        failures.append("the gradient of \(parameter.name) errs by \(error)")
      }
    }
    return failures
  }

  /// Compares running statistics with those that a case ends with.
  func compareRunningStatistics(of oracle: OracleCase, tolerance: Double) throws -> [String] {
    try runningStatistics.enumerated().compactMap { index, statistic in
      let comparison = unsafe OracleComparison(
        Array(self.statistic(index)), try oracle.tensor("final/\(statistic.name)"),
        tolerance: tolerance, name: statistic.name)
      return comparison.agrees ? nil : "\(comparison)"
    }
  }
}
