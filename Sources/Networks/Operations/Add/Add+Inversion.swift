import Kernels

extension Add: InvertibleOperation {
  /// The first.
  public var invertibleInput: Int? { 0 }

  /// Takes the second input away from the sum.
  public func invert(_ pass: InversePass) {
    unsafe pass.engine.subtract(
      pass.otherInputs[0], from: pass.output, into: pass.input,
      count: pass.shapes.outputElementCount)
  }
}
