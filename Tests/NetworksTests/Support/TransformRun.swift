import Kernels
import Networks

/// Runs the deeds of one transform of one stored parameter on memory of its own, with guards around it.
final class TransformRun {
  private let transform: any ParameterTransform
  private let parameter: ParameterDescription
  private let source: [Float]
  private let engine: Engine
  /// Whether a deed wrote before or behind memory that it was given.
  private(set) var overran = false

  init(
    _ transform: any ParameterTransform, of parameter: ParameterDescription,
    from source: [Float], engine: Engine
  ) {
    self.transform = transform
    self.parameter = parameter
    self.source = source
    self.engine = engine
  }

  /// The derived values.
  func derive() -> [Float] {
    var memory = GuardedMemory()
    let count = parameter.elementCount
    let value = unsafe memory.floats([Float](repeating: .nan, count: count))
    unsafe transform.derive(
      DerivationPass(
        engine: engine, parameter: parameter, sources: memory.constants([source]), value: value,
        scratch: memory.bytes(transform.scratchByteCount(of: parameter))))
    overran = overran || memory.overran
    return unsafe Array(UnsafeBufferPointer(start: value, count: count))
  }

  /// The gradient of the stored values.
  func propagate(_ gradient: [Float]) -> [Float] {
    var memory = GuardedMemory()
    let result = unsafe memory.floats([Float](repeating: .nan, count: source.count))
    unsafe transform.propagate(
      PropagationPass(
        engine: engine, parameter: parameter, sources: memory.constants([source]),
        gradient: UnsafePointer(memory.floats(gradient)), sourceGradients: [result],
        scratch: memory.bytes(transform.scratchByteCount(of: parameter))))
    overran = overran || memory.overran
    return unsafe Array(UnsafeBufferPointer(start: result, count: source.count))
  }
}
