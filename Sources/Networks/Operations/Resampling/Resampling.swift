import Kernels

/// A map of another size: nearest, or linear, bilinear or trilinear by its dimension; keeps nothing.
///
/// Output pixel i of an axis lies at i·r (nearest, rounded down), at (i + ½)·r − ½ but not below 0
/// (linear), or at i·(n − 1)/(o − 1) (linear with aligned corners), where n and o are the extents of input
/// and output, and r is n/o, or one over the scale if that is given: as in PyTorch's `interpolate`.
public struct Resampling: NetworkOperation {
  private enum Target: Hashable, Sendable {
    case size(AxisValues)
    case scales([Double])
  }

  private let target: Target
  private let method: ResamplingMethod

  /// Creates a resampling to a size.
  ///
  /// - Parameters:
  ///   - size: The output's extent along each axis.
  ///   - method: Nearest or linear.
  public init(size: AxisValues, method: ResamplingMethod = .nearest) {
    target = .size(size)
    self.method = method
  }

  /// Creates a resampling by a scale: the output's extents are those of the input times it, rounded
  /// down.
  ///
  /// - Parameters:
  ///   - scales: The scale along each axis, or one for all of them; above 0.
  ///   - method: Nearest or linear.
  public init(scales: [Double], method: ResamplingMethod = .nearest) {
    target = .scales(scales)
    self.method = method
  }

  /// The kind `resample`.
  public var kind: String { "resample" }

  /// The map of the size that was asked for.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard !input.spatial.isEmpty else {
      throw ShapeError("a resampling needs an input with spatial axes, not a vector")
    }
    let extents: [Int]
    switch target {
    case .size(let size):
      extents = try size.expanded(axes: input.spatial.count, of: "size")
    case .scales:
      let scales = try scales(axes: input.spatial.count)
      extents = zip(input.spatial, scales).map {
        Int(min(Double($0) * $1, Double(Shape.largestElementCount)))
      }
    }
    guard extents.allSatisfy({ 1..<Shape.largestElementCount ~= $0 }) else {
      throw ShapeError(
        "a resampling of \(input) to \(extents.map(String.init).joined(separator: "x")) pixels "
          + "would leave an empty map, or one larger than any")
    }
    return Shape(spatial: extents, channels: input.channels)
  }

  /// Two for every neighbour of an output, of which it has two along each axis, if linear.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    method == .nearest ? 0 : (2 << shapes.output.spatial.count) * shapes.outputElementCount
  }

  /// Input and output, or their gradients, each once.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    shapes.inputAndOutputByteCount
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Takes every output pixel from its neighbours.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.resample(
      geometry(pass.shapes), input: pass.inputs[0], output: pass.output.unwrapped)
  }

  /// Adds up the gradients of what each pixel has a share in.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    unsafe pass.engine.resampleBackward(
      geometry(pass.shapes), outputGradient: pass.outputGradient.unwrapped,
      inputGradient: destination.memory, accumulate: destination.accumulate)
  }

  /// The scales for this many axes.
  private func scales(axes: Int) throws(ShapeError) -> [Double] {
    guard case .scales(let given) = target else { return [] }
    let scales = given.count == 1 ? [Double](repeating: given[0], count: axes) : given
    guard scales.count == axes else {
      throw ShapeError(
        "its scale has \(scales.count) numbers where the input has \(axes) spatial axes")
    }
    if let wrong = scales.first(where: { !$0.isFinite || $0 <= 0 }) {
      throw ShapeError("its scale \(wrong) must be a number above 0")
    }
    return scales
  }

  private func geometry(_ shapes: NodeShapes) -> ResamplingGeometry {
    let input = shapes.inputs[0]
    let scales = (try? scales(axes: input.spatial.count)) ?? []
    let all = [Double](repeating: 1, count: 3 - scales.count) + scales
    return ResamplingGeometry(
      batchSize: shapes.batchSize, channels: input.channels,
      inputExtent: Extent3(input.spatial, fill: 1),
      outputExtent: Extent3(shapes.output.spatial, fill: 1),
      scales: scales.isEmpty ? nil : (all[0], all[1], all[2]), method: method)
  }
}
