/// Kernels that move parameters along their gradients, each call over one contiguous range.
package protocol OptimizerKernels {
  /// One step of stochastic gradient descent: velocity ← momentum·velocity + gradient +
  /// weightDecay·parameter, then parameter ← parameter − learningRate·velocity.
  func momentumStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>, count: Int,
    learningRate: Float, momentum: Float, weightDecay: Float)

  /// One step of Adam, where g = gradient + weightDecay·parameter: first ← firstDecay·first +
  /// firstShare·g, second ← secondDecay·second + secondShare·g², then parameter ← parameter −
  /// stepSize·first / (√second·rootFactor + epsilon).
  func adamStep(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>, count: Int,
    _ factors: AdamFactors)
}

/// The numbers of one step of Adam, the same for all elements.
public struct AdamFactors: Hashable, Sendable {
  /// The learning rate over the bias of the first moment.
  public let stepSize: Float
  /// The share of the first moment that stays.
  public let firstDecay: Float
  /// The share of the gradient in the first moment.
  public let firstShare: Float
  /// The share of the second moment that stays.
  public let secondDecay: Float
  /// The share of the squared gradient in the second moment.
  public let secondShare: Float
  /// One over the root of the bias of the second moment.
  public let rootFactor: Float
  /// Added to the root, so that nothing is divided by zero.
  public let epsilon: Float
  /// The share of a parameter that is added to its gradient.
  public let weightDecay: Float

  /// Creates the numbers of one step.
  ///
  /// - Parameters:
  ///   - learningRate: The learning rate.
  ///   - firstDecay: The share of the first moment that stays, below 1.
  ///   - secondDecay: The share of the second moment that stays, below 1.
  ///   - firstBias: What the first moment lacks: 1 − firstDecay to the power of the step's number.
  ///   - secondBias: The same of the second moment.
  ///   - epsilon: Added to the root of the second moment.
  ///   - weightDecay: The share of a parameter that is added to its gradient.
  public init(
    learningRate: Float, firstDecay: Double, secondDecay: Double, firstBias: Double,
    secondBias: Double, epsilon: Double, weightDecay: Float
  ) {
    stepSize = Float(Double(learningRate) / firstBias)
    self.firstDecay = Float(firstDecay)
    firstShare = Float(1 - firstDecay)
    self.secondDecay = Float(secondDecay)
    secondShare = Float(1 - secondDecay)
    rootFactor = Float(1 / secondBias.squareRoot())
    self.epsilon = Float(epsilon)
    self.weightDecay = weightDecay
  }
}
