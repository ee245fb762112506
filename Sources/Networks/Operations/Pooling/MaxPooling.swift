import Kernels

/// The largest value of each window; keeps one byte an output, the number of the window's cell, or two
/// or four where windows have more than 256 or 65,536 cells.
///
/// Padding counts as −∞. Of equal values the first in row-major order is taken.
public struct MaxPooling: NetworkOperation {
  let window: PoolingWindow

  /// Creates a max-pooling.
  ///
  /// - Parameters:
  ///   - kernel: The window's extent along each axis.
  ///   - stride: The step of the window; its extent unless told otherwise.
  ///   - padding: The cells before the map, and after it too; less than the window's extent.
  ///   - paddingAfter: The cells after the map, where they differ from those before it.
  ///   - dilation: The distance of the window's cells along each axis.
  ///   - ceilMode: Whether the last window may reach beyond the padding; not if it would begin behind
  ///     the map.
  public init(
    _ kernel: AxisValues, stride: AxisValues? = nil, padding: AxisValues = 0,
    paddingAfter: AxisValues? = nil, dilation: AxisValues = 1, ceilMode: Bool = false
  ) {
    window = .sliding(
      SlidingWindow(
        kernel: kernel, stride: stride ?? kernel, padding: padding, paddingAfter: paddingAfter,
        dilation: dilation, ceilMode: ceilMode))
  }

  private init(_ window: PoolingWindow) {
    self.window = window
  }

  /// A max-pooling to any size: window i of an axis reaches from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉.
  ///
  /// - Parameter size: The output's extent along each axis, o; it may exceed the input's, n.
  /// - Returns: The pooling.
  public static func adaptive(to size: AxisValues) -> MaxPooling { MaxPooling(.adaptive(size)) }

  /// The largest value of each whole map: one vector a sample.
  public static var global: MaxPooling { MaxPooling(.wholeMap) }

  /// The kind `pool`.
  public var kind: String { "pool" }

  /// The map of window positions; a vector for the whole map.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try window.outputShape(for: try onlyInput(inputs))
  }

  /// One for every cell of every window; where windows differ, of the largest.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { window.forwardFLOPs(shapes) }

  /// The indices.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0))]
  }

  /// The cell that each output came from.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] {
    let byteCount = shapes.outputElementCount * window.geometry(shapes).indexByteCount
    return [OwnResidual(name: "indices", byteCount: byteCount, isOptional: true)]
  }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Takes the largest value of each window.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.maxPool(
      window.geometry(pass.shapes), input: pass.inputs[0], output: pass.output.unwrapped,
      indices: pass.residuals[0], sketching: pass.sketching)
  }

  /// Hands each output's gradient to the cell that it came from.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.maxPoolBackward(
      window.geometry(pass.shapes), indices: pass.residual(.own(0)).memory,
      outputGradient: pass.outputGradient.unwrapped, inputGradient: destination.memory,
      accumulate: destination.accumulate)
  }
}
