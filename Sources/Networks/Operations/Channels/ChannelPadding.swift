import Kernels

/// Channels of zeros before and after those of the input; keeps nothing.
public struct ChannelPadding: NetworkOperation {
  private let before: Int
  private let after: Int

  /// Creates a padding of channels.
  ///
  /// - Parameters:
  ///   - before: The channels before those of the input; at least 0.
  ///   - after: The channels after them; at least 0.
  public init(before: Int = 0, after: Int) {
    self.before = before
    self.after = after
  }

  /// The kind `padchannels`.
  public var kind: String { "padchannels" }

  /// The input's map with more channels.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    let allowed = 0...Shape.largestElementCount
    guard allowed ~= before, allowed ~= after else {
      throw ShapeError(
        "the channels that it adds must be from 0 to \(Shape.largestElementCount), not \(before) "
          + "and \(after)")
    }
    return Shape(spatial: input.spatial, channels: before + input.channels + after)
  }

  /// None: it only copies.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// Input and output; backward the gradient of the input's channels, read and written.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    pass == .forward
      ? shapes.inputAndOutputByteCount
      : 2 * shapes.inputs[0].byteCount(batchSize: shapes.batchSize)
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Copies the channels between zeros.
  public func forward(_ pass: ForwardPass) {
    let shapes = pass.shapes
    unsafe pass.engine.scatterChannels(
      pass.inputs[0], channels: shapes.inputs[0].channels, into: pass.output.unwrapped,
      destinationChannels: shapes.output.channels, start: before, step: 1,
      rows: shapes.inputPixelCount, accumulate: false)
  }

  /// Copies the gradient of the input's channels.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    let shapes = pass.shapes
    unsafe pass.engine.gatherChannels(
      pass.outputGradient.unwrapped, sourceChannels: shapes.output.channels, start: before,
      step: 1, into: destination.memory, channels: shapes.inputs[0].channels,
      rows: shapes.inputPixelCount, accumulate: destination.accumulate)
  }
}
