import Kernels

/// The channels of several values one after the other; keeps nothing.
public struct Concatenation: NetworkOperation {
  /// Creates a concatenation.
  public init() {}

  /// The kind `concat`.
  public var kind: String { "concat" }

  /// The extents that all inputs have, and the sum of their channels.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard let first = inputs.first, inputs.count >= 2 else {
      throw ShapeError("a concatenation reads two or more values, not \(inputs.count)")
    }
    if let other = inputs.first(where: { $0.spatial != first.spatial }) {
      throw ShapeError("it cannot join maps of different extents, \(first) and \(other)")
    }
    return Shape(spatial: first.spatial, channels: inputs.reduce(0) { $0 + $1.channels })
  }

  /// None: it only copies.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Copies the inputs side by side.
  public func forward(_ pass: ForwardPass) {
    let output = unsafe pass.output.unwrapped
    let shapes = pass.shapes
    var offset = 0
    for (index, input) in shapes.inputs.enumerated() {
      unsafe pass.engine.copyColumns(
        pass.inputs[index], stride: input.channels, into: output + offset,
        stride: shapes.output.channels, rows: shapes.batchSize * input.pixelCount,
        columns: input.channels, accumulate: false)
      offset += input.channels
    }
  }

  /// Hands each input its part of the gradient.
  public func backward(_ pass: BackwardPass) {
    let gradient = unsafe pass.outputGradient.unwrapped
    let shapes = pass.shapes
    var offset = 0
    for (index, input) in shapes.inputs.enumerated() {
      if let destination = pass.inputGradients[index] {
        unsafe pass.engine.copyColumns(
          gradient + offset, stride: shapes.output.channels, into: destination.memory,
          stride: input.channels, rows: shapes.batchSize * input.pixelCount,
          columns: input.channels, accumulate: destination.accumulate)
      }
      offset += input.channels
    }
  }
}
