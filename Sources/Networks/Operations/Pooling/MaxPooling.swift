import Kernels

/// The largest value of each window; keeps one byte an output, the number of the window's cell.
///
/// Padding counts as −∞. Of equal values the first in row-major order is taken.
public struct MaxPooling: NetworkOperation {
  let window: PoolingWindow

  /// Creates a max-pooling.
  ///
  /// - Parameters:
  ///   - kernel: The window's extent along each axis; at most 256 cells in all.
  ///   - stride: The step of the window; its extent unless told otherwise.
  ///   - padding: The cells before and after the map; less than the window's extent.
  public init(_ kernel: AxisValues, stride: AxisValues? = nil, padding: AxisValues = 0) {
    window = PoolingWindow(kernel: kernel, stride: stride ?? kernel, padding: padding)
  }

  /// The kind `pool`.
  public var kind: String { "pool" }

  /// The map of window positions.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    let geometry = try window.geometry(input: input, batchSize: 1)
    do {
      try geometry.requireByteIndices()
    } catch {
      throw ShapeError("\(error)")
    }
    return try window.outputShape(for: input)
  }

  /// One for every cell of every window.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { window.forwardFLOPs(shapes) }

  /// The indices.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    [ResidualNeed(.own(0))]
  }

  /// The cell that each output came from, one byte each.
  public func ownResiduals(_ shapes: NodeShapes) -> [OwnResidual] {
    [OwnResidual(name: "indices", byteCount: shapes.outputElementCount, isOptional: true)]
  }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// It does.
  public var sketchesOutput: Bool { true }

  /// Takes the largest value of each window.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.maxPool(
      window.geometry(pass.shapes), input: pass.inputs[0], output: pass.output.unwrapped,
      indices: pass.residuals[0]?.assumingMemoryBound(to: UInt8.self),
      sketching: pass.sketching)
  }

  /// Hands each output's gradient to the cell that it came from.
  public func backward(_ pass: BackwardPass) {
    guard let destination = unsafe pass.inputGradients[0] else { return }
    unsafe pass.engine.maxPoolBackward(
      window.geometry(pass.shapes),
      indices: pass.residual(.own(0)).memory.assumingMemoryBound(to: UInt8.self),
      outputGradient: pass.outputGradient.unwrapped, inputGradient: destination.memory,
      accumulate: destination.accumulate)
  }
}
