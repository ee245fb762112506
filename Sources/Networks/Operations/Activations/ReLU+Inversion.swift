import Kernels

extension ReLU: InvertibleOperation {
  /// The input, if it is leaky.
  public var invertibleInput: Int? { negativeSlope > 0 ? 0 : nil }

  /// Divides what is below 0 by the slope.
  public func invert(_ pass: InversePass) {
    unsafe pass.engine.rectify(
      input: pass.output, output: pass.input, count: pass.shapes.outputElementCount,
      negativeSlope: 1 / negativeSlope)
  }
}
