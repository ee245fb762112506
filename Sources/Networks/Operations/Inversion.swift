import Kernels

/// Everything that recovering an input of one node from its output works on.
@safe public struct InversePass {
  /// Runs the kernels.
  public let engine: Engine
  /// The shapes around the node.
  public let shapes: NodeShapes
  /// The value of the output.
  public let output: UnsafePointer<Float>
  /// The values of the inputs that are not recovered, in order.
  public let otherInputs: [UnsafePointer<Float>]
  /// Where the recovered input goes, possibly the memory of the output.
  public let input: UnsafeMutablePointer<Float>
  /// The own residuals.
  public let residuals: [UnsafeRawPointer]
  /// The values of the parameters.
  public let parameters: [UnsafePointer<Float>]
  /// Scratch of the size that the forward pass asks for.
  public let scratch: UnsafeMutableRawPointer

  /// Gathers what the recovery of one input works on.
  public init(
    engine: Engine, shapes: NodeShapes, output: UnsafePointer<Float>,
    otherInputs: [UnsafePointer<Float>], input: UnsafeMutablePointer<Float>,
    residuals: [UnsafeRawPointer], parameters: [UnsafePointer<Float>],
    scratch: UnsafeMutableRawPointer
  ) {
    self.engine = engine
    self.shapes = shapes
    unsafe self.output = output
    unsafe self.otherInputs = otherInputs
    unsafe self.input = input
    unsafe self.residuals = residuals
    unsafe self.parameters = parameters
    unsafe self.scratch = scratch
  }
}

/// An operation of which one input can be recovered from the output, up to rounding.
public protocol InvertibleOperation: NetworkOperation {
  /// The input that can be recovered; nil if these settings do not allow it.
  var invertibleInput: Int? { get }

  /// Recovers the input from the output and the other inputs; allocates nothing.
  func invert(_ pass: InversePass)

  /// Why an input cannot be recovered with these values of the parameters; nil if it can.
  func inversionObstacle(
    _ shapes: NodeShapes, parameters: [UnsafePointer<Float>]
  ) -> String?
}

extension InvertibleOperation {
  /// None.
  public func inversionObstacle(
    _ shapes: NodeShapes, parameters: [UnsafePointer<Float>]
  ) -> String? { nil }
}

extension Node {
  /// The position of the input that can be recovered from the output.
  public var invertibleInput: Int? {
    (operation as? any InvertibleOperation)?.invertibleInput
  }
}
