import Kernels

/// The mean of each window; keeps nothing.
public struct AveragePooling: NetworkOperation {
  let window: PoolingWindow
  let countsPadding: Bool

  /// Creates an average-pooling.
  ///
  /// - Parameters:
  ///   - kernel: The window's extent along each axis.
  ///   - stride: The step of the window; its extent unless told otherwise.
  ///   - padding: The zeros before the map, and after it too; less than the window's extent.
  ///   - paddingAfter: The zeros after the map, where they differ from those before it.
  ///   - ceilMode: Whether the last window may reach beyond the padding; not if it would begin behind
  ///     the map.
  ///   - countsPadding: Whether to divide by the window's cells inside the padded map, or by those
  ///     inside the map.
  public init(
    _ kernel: AxisValues, stride: AxisValues? = nil, padding: AxisValues = 0,
    paddingAfter: AxisValues? = nil, ceilMode: Bool = false, countsPadding: Bool = true
  ) {
    window = .sliding(
      SlidingWindow(
        kernel: kernel, stride: stride ?? kernel, padding: padding, paddingAfter: paddingAfter,
        dilation: 1, ceilMode: ceilMode))
    self.countsPadding = countsPadding
  }

  private init(_ window: PoolingWindow) {
    self.window = window
    countsPadding = false
  }

  /// An average-pooling to any size: window i of an axis reaches from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉.
  ///
  /// - Parameter size: The output's extent along each axis, o; it may exceed the input's, n.
  /// - Returns: The pooling.
  public static func adaptive(to size: AxisValues) -> AveragePooling {
    AveragePooling(.adaptive(size))
  }

  /// The kind `avgpool`.
  public var kind: String { "avgpool" }

  /// The map of window positions.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try window.outputShape(for: try onlyInput(inputs))
  }

  /// One for every cell of every window; where windows differ, of the largest.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { window.forwardFLOPs(shapes) }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Averages each window.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.averagePool(
      window.geometry(pass.shapes), countIncludePadding: countsPadding, input: pass.inputs[0],
      output: pass.output.unwrapped, sketching: pass.sketching)
  }

  /// Shares each output's gradient among its window's cells.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.averagePoolBackward(
      window.geometry(pass.shapes), countIncludePadding: countsPadding,
      outputGradient: pass.outputGradient.unwrapped, inputGradient: destination.memory,
      accumulate: destination.accumulate)
  }
}
