/// Kernels of the activation functions; those of rectifiers are in `RectifierKernels`.
package protocol ActivationKernels {
  /// Writes the function of every element, NaN for NaN, and if asked the mask of the output, for
  /// one that is clipped; `output` may be `input`.
  func activate(
    _ function: ActivationFunction, _ input: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int, mask: UnsafeMutablePointer<UInt8>?)

  /// Writes or adds the gradient times the derivative, which follows from the output or the input,
  /// whichever `ActivationFunction.derivativeSource` names.
  func activateBackward(
    _ function: ActivationFunction, residual: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, count: Int,
    accumulate: Bool)

  /// Writes or adds `factor` times the gradient where the mask is set, 0 elsewhere.
  func maskedBackward(
    mask: UnsafePointer<UInt8>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int, factor: Float, accumulate: Bool)

  /// Writes ⌈count/8⌉ bytes of mask, whose bits are set where a value lies between two others and is
  /// neither; bits beyond `count` are 0.
  func packInside(
    _ lower: Float, _ upper: Float, of values: UnsafePointer<Float>,
    into mask: UnsafeMutablePointer<UInt8>, count: Int)

  /// Writes x > 0 ? x : slope·x over rows with a slope a column; `output` may be `input`.
  func rectify(
    _ input: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int)

  /// Writes or adds the gradient where x > 0, slope times it elsewhere; `inputGradient` may be
  /// `outputGradient`.
  func rectifyBackward(
    _ input: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, accumulate: Bool)

  /// Adds x times the gradient to the sums of the columns, over the elements that are not above 0.
  func rectifierSlopeSums(
    _ input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, rows: Int, columns: Int,
    to sums: UnsafeMutablePointer<Float>)
}

extension ActivationFunction {
  /// What a backward pass can tell the derivative from.
  public enum DerivativeSource: Hashable, Sendable {
    /// The values that the function was taken of.
    case input
    /// The values of the function.
    case output
  }

  /// What the backward pass tells the derivative from.
  ///
  /// The output where it says all, since others often read that anyway: it is there for both.
  public var derivativeSource: DerivativeSource {
    switch self {
    case .clipped, .hardSigmoid, .elu, .sigmoid, .tanh: .output
    case .hardSwish, .swish, .gelu, .geluTanh, .mish, .softplus: .input
    }
  }

  /// For a clipped function, between which outputs its derivative is not 0, and what it is there.
  public var clipping: (lower: Float, upper: Float, derivative: Float)? {
    switch self {
    case .clipped(let lower, let upper): (lower, upper, 1)
    case .hardSigmoid: (0, 1, 1 / 6)
    default: nil
    }
  }
}
