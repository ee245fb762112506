/// The gradients that are wanted of a node's backward pass.
///
/// What is trained decides: a node whose parameters are frozen and before which nothing is trained has
/// nothing to compute, and so reads nothing. An operation's residual needs follow from this.
public struct GradientDemand: Hashable, Sendable {
  /// The positions of the inputs whose gradients are wanted.
  public let inputs: Set<Int>
  /// The indices of the operation's parameters whose gradients are wanted.
  public let parameters: Set<Int>

  /// Creates a demand.
  public init(inputs: Set<Int>, parameters: Set<Int>) {
    self.inputs = inputs
    self.parameters = parameters
  }

  /// No gradient at all.
  static let nothing = GradientDemand(inputs: [], parameters: [])

  /// Everything that an operation with so many inputs and parameters has a gradient of.
  public static func everything(inputCount: Int, parameterCount: Int) -> GradientDemand {
    GradientDemand(inputs: Set(0..<inputCount), parameters: Set(0..<parameterCount))
  }

  /// Whether no gradient is wanted, so that the node has no backward pass.
  public var isEmpty: Bool { inputs.isEmpty && parameters.isEmpty }
}
