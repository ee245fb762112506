/// How far computed values are from the reference.
package struct OracleComparison: Sendable, CustomStringConvertible {
  /// Whether the values agree within the tolerance.
  package let agrees: Bool
  /// The largest absolute error over the largest magnitude; infinite when it has no meaning.
  package let relativeError: Double
  /// One sentence for a test's failure.
  package let description: String

  /// Compares: largest absolute error ≤ `tolerance` × largest magnitude in the reference, or
  /// `tolerance` alone where the reference is 0 everywhere.
  ///
  /// Values that are not finite never agree, nor do tensors of different lengths or none.
  ///
  /// - Parameters:
  ///   - actual: What was computed, in the layout of the reference.
  ///   - expected: The reference.
  ///   - tolerance: Relative to the largest magnitude in the reference.
  ///   - name: What the failure calls the tensor.
  package init(
    _ actual: some Collection<Float>, _ expected: OracleTensor, tolerance: Double,
    name: String
  ) {
    guard actual.count == expected.values.count, !expected.values.isEmpty else {
      agrees = false
      relativeError = .infinity
      description = "\(name): \(actual.count) values instead of \(expected.values.count)"
      return
    }
    var worst = (index: 0, error: 0.0, value: Float(0))
    for (index, (value, reference)) in zip(actual, expected.values).enumerated() {
      let error = value.isFinite ? abs(Double(value) - Double(reference)) : .infinity
      if index == 0 || error > worst.error { worst = (index, error, value) }
    }
    let magnitude = Double(expected.largestMagnitude)
    agrees = worst.error <= tolerance * (magnitude > 0 ? magnitude : 1)
    relativeError = worst.error == 0 ? 0 : worst.error / magnitude
    description =
      "\(name): element \(worst.index) of shape \(expected.shape) is \(worst.value) instead of "
      + "\(expected.values[worst.index]); the error is \(relativeError) of the largest magnitude, "
      + "\(tolerance) is allowed"
  }
}

extension OracleCase {
  /// Compares computed values with a tensor of the case, with the case's own tolerance.
  ///
  /// - Parameters:
  ///   - actual: What was computed.
  ///   - tensor: The tensor's name in the case.
  ///   - layout: What brings the tensor into the layout of `actual`, such as
  ///     `{ $0.channelsLast() }`.
  /// - Returns: Whether and how far the values agree.
  /// - Throws: `OracleError` or `SafetensorsError` when the case has no such tensor or tolerance.
  package func compare(
    _ actual: some Collection<Float>, with tensor: String,
    layout: (OracleTensor) -> OracleTensor = { $0 }
  ) throws -> OracleComparison {
    OracleComparison(
      actual, layout(try self.tensor(tensor)), tolerance: try tolerance(),
      name: "\(name)/\(tensor)")
  }
}
