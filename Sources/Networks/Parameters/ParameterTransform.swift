import Kernels

/// How a parameter that operations read is computed from stored ones: standardised, quantised, masked,
/// composed of factors.
///
/// The table of parameters holds the result as a derived entry. A schedule says when it is derived and
/// when its gradient is propagated to the stored parameters; the memory of both, and scratch, are booked
/// and forecast like everything else.
public protocol ParameterTransform: Sendable {
  /// The stored parameters from which `parameter` is derived.
  ///
  /// - Throws: `ShapeError` if it cannot be derived in this way.
  func sources(of parameter: ParameterDescription) throws(ShapeError) -> [ParameterDescription]

  /// The bytes of scratch that both deeds work in.
  func scratchByteCount(of parameter: ParameterDescription) -> Int

  /// Computes the parameter from the stored ones; allocates nothing.
  func derive(_ pass: DerivationPass)

  /// Computes the gradients of the stored parameters from that of the derived one; allocates nothing.
  func propagate(_ pass: PropagationPass)
}

/// What a derivation works on; the pass owns none of it.
@safe public struct DerivationPass {
  /// Runs the kernels.
  public let engine: Engine
  /// What is derived.
  public let parameter: ParameterDescription
  /// The values of the stored parameters, in the order of `sources(of:)`.
  public let sources: [UnsafePointer<Float>]
  /// Where the derived values go.
  public let value: UnsafeMutablePointer<Float>
  /// Scratch of the size that the transform asked for.
  public let scratch: UnsafeMutableRawPointer

  /// Gathers what one derivation works on.
  public init(
    engine: Engine, parameter: ParameterDescription, sources: [UnsafePointer<Float>],
    value: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer
  ) {
    self.engine = engine
    self.parameter = parameter
    unsafe self.sources = sources
    unsafe self.value = value
    unsafe self.scratch = scratch
  }
}

/// What a propagation works on; the pass owns none of it.
@safe public struct PropagationPass {
  /// Runs the kernels.
  public let engine: Engine
  /// What was derived.
  public let parameter: ParameterDescription
  /// The values of the stored parameters, in the order of `sources(of:)`.
  public let sources: [UnsafePointer<Float>]
  /// The gradient of the derived values.
  public let gradient: UnsafePointer<Float>
  /// For every stored parameter, where its gradient goes; nil for a frozen one.
  public let sourceGradients: [UnsafeMutablePointer<Float>?]
  /// Scratch of the size that the transform asked for.
  public let scratch: UnsafeMutableRawPointer

  /// Gathers what one propagation works on.
  public init(
    engine: Engine, parameter: ParameterDescription, sources: [UnsafePointer<Float>],
    gradient: UnsafePointer<Float>, sourceGradients: [UnsafeMutablePointer<Float>?],
    scratch: UnsafeMutableRawPointer
  ) {
    self.engine = engine
    self.parameter = parameter
    unsafe self.sources = sources
    unsafe self.gradient = gradient
    unsafe self.sourceGradients = sourceGradients
    unsafe self.scratch = scratch
  }
}
