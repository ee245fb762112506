import Kernels

/// A map with pixels put around it: zeros or another value, its mirror image, or its edge; keeps nothing.
public struct Padding: NetworkOperation {
  private let before: AxisValues
  private let after: AxisValues
  private let mode: PaddingMode

  /// Creates a padding.
  ///
  /// - Parameters:
  ///   - before: The pixels before the map along each axis; at least 0, and below the map's extent
  ///     for `reflect`.
  ///   - after: The pixels after it, where they differ from those before it.
  ///   - mode: What stands there; zeros unless told otherwise.
  public init(_ before: AxisValues, after: AxisValues? = nil, mode: PaddingMode = .constant(0)) {
    self.before = before
    self.after = after ?? before
    self.mode = mode
  }

  /// The kind `pad`.
  public var kind: String { "pad" }

  /// The larger map.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard !input.spatial.isEmpty else {
      throw ShapeError("a padding needs an input with spatial axes, not a vector")
    }
    let (before, after) = try pixels(axes: input.spatial.count)
    var extents: [Int] = []
    for (axis, extent) in input.spatial.enumerated() {
      let most = mode == .reflect ? extent - 1 : Shape.largestElementCount
      guard 0...most ~= before[axis], 0...most ~= after[axis] else {
        throw ShapeError(
          "\(mode == .reflect ? "a reflection around \(extent) pixels" : "a padding") has from 0 to "
            + "\(most) pixels, not \(before[axis]) and \(after[axis])")
      }
      extents.append(before[axis] + extent + after[axis])
    }
    return Shape(spatial: extents, channels: input.channels)
  }

  /// None: it only copies.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// Input and output, or their gradients, each once.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    shapes.inputAndOutputByteCount
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does, unless a negative value is put around the map.
  public var keepsNonNegative: Bool {
    if case .constant(let value) = mode { value >= 0 } else { true }
  }

  /// Copies the map and what is put around it.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.pad(
      geometry(pass.shapes), input: pass.inputs[0], output: pass.output.unwrapped)
  }

  /// Adds up the gradients of all places where a pixel stands.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.padBackward(
      geometry(pass.shapes), outputGradient: pass.outputGradient.unwrapped,
      inputGradient: destination.memory, accumulate: destination.accumulate)
  }

  private func pixels(axes: Int) throws(ShapeError) -> (before: [Int], after: [Int]) {
    (
      try before.expanded(axes: axes, of: "padding"), try after.expanded(axes: axes, of: "padding")
    )
  }

  private func geometry(_ shapes: NodeShapes) -> PaddingGeometry {
    let input = shapes.inputs[0]
    guard let (before, after) = try? pixels(axes: input.spatial.count) else {
      preconditionFailure("the builder accepted this padding of \(input)")
    }
    return PaddingGeometry(
      batchSize: shapes.batchSize, channels: input.channels,
      inputExtent: Extent3(input.spatial, fill: 1), before: Extent3(before, fill: 0),
      after: Extent3(after, fill: 0), mode: mode)
  }
}
