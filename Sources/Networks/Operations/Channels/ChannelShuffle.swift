import Kernels

/// Channels of several groups in turn, so that a grouped convolution behind it sees all groups (Zhang and
/// others 2017, arXiv 1707.01083); keeps nothing.
///
/// Channel k of the output is channel (k mod g)·(C/g) + ⌊k/g⌋ of the input.
public struct ChannelShuffle: NetworkOperation {
  private let groups: Int

  /// Creates a shuffle.
  ///
  /// - Parameter groups: The number of groups, g; it divides the channels, C.
  public init(groups: Int) {
    self.groups = groups
  }

  /// The kind `shuffle`.
  public var kind: String { "shuffle" }

  /// The input's.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard groups >= 1, input.channels % groups == 0 else {
      throw ShapeError("its \(input.channels) channels do not divide into \(groups) groups")
    }
    return input
  }

  /// None: it only moves.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// Input and output, or their gradients, each once.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    shapes.inputAndOutputByteCount
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Moves the channels of every pixel.
  public func forward(_ pass: ForwardPass) {
    unsafe pass.engine.shuffleChannels(
      pass.inputs[0], into: pass.output.unwrapped, channels: pass.shapes.output.channels,
      groups: groups, rows: pass.shapes.inputPixelCount, accumulate: false)
  }

  /// Moves the gradient back.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    let channels = pass.shapes.output.channels
    unsafe pass.engine.shuffleChannels(
      pass.outputGradient.unwrapped, into: destination.memory, channels: channels,
      groups: channels / groups, rows: pass.shapes.inputPixelCount,
      accumulate: destination.accumulate)
  }
}
