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

  /// One step of Adam (Kingma and Ba 2014, arXiv 1412.6980, algorithm 1), as in PyTorch.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - parameters: `count` elements.
  ///   - gradients: `count` elements.
  ///   - first: `count` elements, the mean of gradients; 0 before the first step.
  ///   - second: `count` elements, the mean of squared gradients; 0 before the first step.
  ///   - count: The number of elements.
  ///   - factors: Learning rate, decays and bias corrections of this step.
  public func adamStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int,
    factors: AdamFactors
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.adamStep(
        parameters: parameters + start, gradients: gradients + start, first: first + start,
        second: second + start, count: range.count, factors)
    }
  }
}
