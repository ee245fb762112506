import Kernels

// Losses that are read by nobody know their gradient as soon as they are computed, up to a factor. It
// takes no more memory than what it is computed from, and usually takes over that memory.

extension OwnResidual {
  /// The gradient of a loss with respect to its first input, in that input's memory if it can be.
  static func keptGradient(_ shapes: NodeShapes) -> OwnResidual {
    OwnResidual(
      name: "gradient", byteCount: shapes.inputs[0].byteCount(batchSize: shapes.batchSize),
      isOptional: true, mayOverwriteInput: 0)
  }
}

extension ForwardPass {
  /// Where a loss leaves its gradient; nil if nobody wants it.
  var keptGradient: UnsafeMutablePointer<Float>? {
    unsafe residuals[0]?.assumingMemoryBound(to: Float.self)
  }
}

extension BackwardPass {
  /// Writes or adds the gradient that the forward pass of a loss left, times the loss's weight.
  func handOnKeptGradient() {
    guard let destination = inputGradients[0] else { return }
    let gradient = unsafe residual(.own(0)).floats
    let isThere = unsafe UnsafePointer(destination.memory) == gradient
    guard !isThere || lossWeight != 1 else { return }
    unsafe engine.scale(
      gradient, by: lossWeight, into: destination.memory, accumulate: destination.accumulate,
      count: shapes.inputElementCount)
  }
}

extension BackwardPass {
  /// Where a loss writes the gradient that it makes of its probabilities: in their place if it is to be
  /// added to another gradient, since nobody reads them after its backward pass.
  func gradientInPlace(
    of probabilities: UnsafePointer<Float>, for destination: GradientDestination
  ) -> UnsafeMutablePointer<Float> {
    unsafe destination.accumulate
      ? UnsafeMutablePointer(mutating: probabilities) : destination.memory
  }

  /// Adds a gradient that was written elsewhere to where it belongs.
  func addIfApart(
    _ gradient: UnsafeMutablePointer<Float>, to destination: GradientDestination
  ) {
    guard destination.accumulate else { return }
    unsafe engine.accumulate(
      gradient, into: destination.memory, count: shapes.inputElementCount)
  }
}
