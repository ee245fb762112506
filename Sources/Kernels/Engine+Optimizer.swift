import KernelInterface

extension Engine {
  /// One step of stochastic gradient descent, as in PyTorch.
  ///
  /// g = gradient + weightDecay·parameter; velocity ← momentum·velocity + gradientShare·g, then
  /// parameter ← parameter − learningRate·velocity, or with Nesterov's look ahead parameter −
  /// learningRate·(g + momentum·velocity). Allocates nothing.
  ///
  /// - Parameters:
  ///   - parameters: `count` elements.
  ///   - gradients: `count` elements.
  ///   - velocity: `count` elements, 0 before the first step; nil for steps along g itself.
  ///   - count: The number of elements.
  ///   - factors: Learning rate, momentum and decay of this step.
  public func momentumStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>?, count: Int, factors: MomentumFactors
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.momentumStep(
        parameters: parameters + start, gradients: gradients + start,
        velocity: velocity.map { unsafe $0 + start }, count: range.count, factors)
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
  ///   - largest: `count` elements, the largest that `second` has been (AMSGrad: Reddi, Kale and Kumar
  ///     2018, arXiv 1904.09237), by which the step is divided then; nil to divide by `second`.
  ///   - count: The number of elements.
  ///   - factors: Learning rate, decays and bias corrections of this step.
  public func adamStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>,
    largest: UnsafeMutablePointer<Float>?, count: Int, factors: AdamFactors
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.adamStep(
        parameters: parameters + start, gradients: gradients + start, first: first + start,
        second: second + start, largest: largest.map { unsafe $0 + start }, count: range.count,
        factors)
    }
  }

  /// One step of RMSprop (Tieleman and Hinton 2012, lecture 6.5; centred: Graves 2013, arXiv
  /// 1308.0850).
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - parameters: `count` elements.
  ///   - gradients: `count` elements.
  ///   - square: `count` elements, the mean of squared gradients.
  ///   - mean: `count` elements, the mean of gradients, whose square is taken off; nil takes none off.
  ///   - velocity: `count` elements, 0 before the first step; nil for steps without momentum.
  ///   - count: The number of elements.
  ///   - factors: Decay, epsilon, momentum and step sizes of this step.
  public func rmsPropStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    square: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>?,
    velocity: UnsafeMutablePointer<Float>?, count: Int, factors: RMSPropFactors
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.rmsPropStep(
        parameters: parameters + start, gradients: gradients + start, square: square + start,
        mean: mean.map { unsafe $0 + start }, velocity: velocity.map { unsafe $0 + start },
        count: range.count, factors)
    }
  }

  /// Moves a running average: average ← decay·average + (1 − decay)·values.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - average: `count` elements.
  ///   - values: `count` elements.
  ///   - count: The number of elements.
  ///   - decay: The share of the average that stays.
  public func moveAverage(
    _ average: UnsafeMutablePointer<Float>, towards values: UnsafePointer<Float>, count: Int,
    decay: Double
  ) {
    forEachRange(of: count) { range in
      let start = range.lowerBound
      unsafe kernels.moveAverage(
        average + start, towards: values + start, count: range.count, decay: Float(decay),
        share: Float(1 - decay))
    }
  }
}
