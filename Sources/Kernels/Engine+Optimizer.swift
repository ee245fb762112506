import KernelInterface

extension Engine {
  /// One step of stochastic gradient descent with momentum, as in PyTorch.
  ///
  /// velocity ← momentum·velocity + gradient + weightDecay·parameter, then
  /// parameter ← parameter − learningRate·velocity. No dampening, no Nesterov. Allocates nothing.
  ///
  /// - Parameters:
  ///   - parameters: `count` elements.
  ///   - gradients: `count` elements.
  ///   - velocity: `count` elements, 0 before the first step.
  ///   - count: The number of elements.
  ///   - learningRate: The learning rate.
  ///   - momentum: The share of the velocity that stays.
  ///   - weightDecay: The weight of ½‖parameters‖² in the loss.
  public func momentumStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, count: Int,
    learningRate: Float, momentum: Float, weightDecay: Float
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.momentumStep(
        parameters: parameters + start, gradients: gradients + start, velocity: velocity + start,
        count: range.count, learningRate: learningRate, momentum: momentum,
        weightDecay: weightDecay)
    }
  }
}
