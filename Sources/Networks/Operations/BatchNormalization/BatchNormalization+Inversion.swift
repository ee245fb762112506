import Kernels

extension BatchNormalization: InvertibleOperation {
  /// The least magnitude of a scale: below it the input drowns in the rounding of the output.
  static let leastInvertibleScale: Float = 1e-3

  /// The input.
  public var invertibleInput: Int? { 0 }

  /// Computes mean + (y − β)·√(variance + ε)/γ (Rota Bulò, Porzi and Kontschieder 2018, arXiv
  /// 1712.02616, section 3).
  public func invert(_ pass: InversePass) {
    let channels = pass.shapes.output.channels
    let mean = unsafe pass.residuals[0].assumingMemoryBound(to: Float.self)
    unsafe pass.engine.batchNormalizationInvert(
      output: pass.output, mean: mean, variance: mean + channels, epsilon: epsilon,
      gamma: pass.parameters[0], beta: pass.parameters[1], input: pass.input,
      rows: pass.shapes.batchSize * pass.shapes.output.pixelCount, channels: channels,
      scratch: pass.scratch)
  }

  /// A scale that is too near to 0.
  public func inversionObstacle(
    _ shapes: NodeShapes, parameters: [UnsafePointer<Float>]
  ) -> String? {
    for channel in 0..<shapes.output.channels {
      let scale = unsafe parameters[0][channel]
      guard !(scale.magnitude >= Self.leastInvertibleScale) else { continue }
      return "the scale of its channel \(channel) is \(scale), too near to 0 to recover the input "
        + "from the output; choose a strategy without invert"
    }
    return nil
  }
}
