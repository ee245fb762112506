import Kernels

/// Standardises every filter of a convolution: mean 0 and variance 1 over all weights that make one output
/// channel (Qiao and others 2019, arXiv 1903.10520, equation 3).
///
/// ŵ = (w − mean)/deviation, where the deviation is √(variance + epsilon) with the biased variance, or
/// √variance + epsilon with the unbiased one, as the first published code has it.
public struct WeightStandardization: ParameterTransform {
  /// Where epsilon, which keeps the quotient finite, is added.
  public enum Deviation: Hashable, Sendable {
    /// √(biased variance + epsilon).
    case biased
    /// √unbiased variance + epsilon.
    case unbiased
  }

  let epsilon: Float
  let deviation: Deviation

  /// Creates the transform.
  public init(epsilon: Float = 1e-5, deviation: Deviation = .biased) {
    self.epsilon = epsilon
    self.deviation = deviation
  }

  /// Weights of the same name and shape.
  public func sources(
    of parameter: ParameterDescription
  ) throws(ShapeError) -> [ParameterDescription] {
    guard parameter.layout == .convolution, let filters = parameter.shape.last else {
      throw ShapeError(
        "only the weights of a convolution can be standardised, not '\(parameter.name)'")
    }
    guard parameter.elementCount / filters > 1 else {
      throw ShapeError("filters of one weight cannot be standardised")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw ShapeError("epsilon \(epsilon) must be positive and finite")
    }
    return [parameter]
  }

  /// Four double-precision numbers a filter.
  public func scratchByteCount(of parameter: ParameterDescription) -> Int {
    4 * (parameter.shape.last ?? 0) * MemoryLayout<Double>.stride
  }

  /// Writes the standardised weights.
  public func derive(_ pass: DerivationPass) {
    let filters = filters(pass.parameter)
    let moments = unsafe moments(of: pass.sources[0], filters, pass.scratch)
    for row in 0..<filters.rows {
      for filter in 0..<filters.count {
        let index = row * filters.count + filter
        unsafe pass.value[index] = Float(
          (Double(pass.sources[0][index]) - moments.means[filter]) * moments.scales[filter])
      }
    }
  }

  /// Writes the gradient of the weights.
  ///
  /// With g the gradient of ŵ, c = w − mean, s = 1/deviation and n the weights of a filter:
  /// dw = s·(g − mean g − c·Σ(g·c)·s²/n), and with the unbiased variance, whose root is r,
  /// dw = s·(g − mean g − c·Σ(g·c)·s/((n − 1)·r)).
  public func propagate(_ pass: PropagationPass) {
    guard let destination = unsafe pass.sourceGradients[0] else { return }
    let filters = filters(pass.parameter)
    let moments = unsafe moments(of: pass.sources[0], filters, pass.scratch)
    let sums = unsafe moments.means + 2 * filters.count
    let products = unsafe sums + filters.count
    unsafe sums.update(repeating: 0, count: 2 * filters.count)
    for row in 0..<filters.rows {
      for filter in 0..<filters.count {
        let index = row * filters.count + filter
        let gradient = unsafe Double(pass.gradient[index])
        unsafe sums[filter] += gradient
        unsafe products[filter] +=
          gradient * (Double(pass.sources[0][index]) - moments.means[filter])
      }
    }
    for filter in 0..<filters.count {
      unsafe sums[filter] /= Double(filters.rows)
      unsafe products[filter] *= slope(scale: moments.scales[filter], rows: filters.rows)
    }
    for row in 0..<filters.rows {
      for filter in 0..<filters.count {
        let index = row * filters.count + filter
        let centered = unsafe Double(pass.sources[0][index]) - moments.means[filter]
        let gradient = unsafe Double(pass.gradient[index]) - sums[filter]
        unsafe destination[index] = Float(
          moments.scales[filter] * (gradient - centered * products[filter]))
      }
    }
  }
}

extension WeightStandardization {
  /// The filters of a parameter: as many weights each as there are rows, one column a filter.
  private func filters(_ parameter: ParameterDescription) -> (rows: Int, count: Int) {
    let count = parameter.shape.last ?? 1
    return (parameter.elementCount / count, count)
  }

  /// What Σ(g·c) of a filter is multiplied by.
  private func slope(scale: Double, rows: Int) -> Double {
    switch deviation {
    case .biased: return scale * scale / Double(rows)
    case .unbiased:
      let root = 1 / scale - Double(epsilon)
      // A filter of equal weights: the sum is 0 too.
      return root > 0 ? scale / (Double(rows - 1) * root) : 0
    }
  }

  /// The mean of every filter and, behind all of them, one over its deviation.
  private func moments(
    of weights: UnsafePointer<Float>, _ filters: (rows: Int, count: Int),
    _ scratch: UnsafeMutableRawPointer
  ) -> (means: UnsafeMutablePointer<Double>, scales: UnsafeMutablePointer<Double>) {
    let means = unsafe scratch.assumingMemoryBound(to: Double.self)
    let scales = unsafe means + filters.count
    unsafe means.update(repeating: 0, count: 2 * filters.count)
    for row in 0..<filters.rows {
      for filter in 0..<filters.count {
        unsafe means[filter] += Double(weights[row * filters.count + filter])
      }
    }
    for filter in 0..<filters.count { unsafe means[filter] /= Double(filters.rows) }
    for row in 0..<filters.rows {
      for filter in 0..<filters.count {
        let centered = unsafe Double(weights[row * filters.count + filter]) - means[filter]
        unsafe scales[filter] += centered * centered
      }
    }
    for filter in 0..<filters.count {
      let sum = unsafe scales[filter]
      let result =
        switch deviation {
        case .biased: (sum / Double(filters.rows) + Double(epsilon)).squareRoot()
        case .unbiased: (sum / Double(filters.rows - 1)).squareRoot() + Double(epsilon)
        }
      unsafe scales[filter] = 1 / result
    }
    return unsafe (means, scales)
  }
}
