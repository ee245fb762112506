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
  ///   - padding: The zeros before and after the map; less than the window's extent.
  ///   - countsPadding: Whether to divide by the whole window, or by its cells inside the map.
  public init(
    _ kernel: AxisValues, stride: AxisValues? = nil, padding: AxisValues = 0,
    countsPadding: Bool = true
  ) {
    window = PoolingWindow(kernel: kernel, stride: stride ?? kernel, padding: padding)
    self.countsPadding = countsPadding
  }

  /// The kind `avgpool`.
  public var kind: String { "avgpool" }

  /// The map of window positions.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try window.outputShape(for: try onlyInput(inputs))
  }

  /// One for every cell of every window.
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
    guard let destination = unsafe pass.inputGradients[0] else { return }
    unsafe pass.engine.averagePoolBackward(
      window.geometry(pass.shapes), countIncludePadding: countsPadding,
      outputGradient: pass.outputGradient.unwrapped, inputGradient: destination.memory,
      accumulate: destination.accumulate)
  }
}
