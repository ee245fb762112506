/// A moving average of parameters: e ← decay·e + (1 − decay)·w after every step.
///
/// Networks are tested with the average and written with it, while training goes on with the parameters
/// themselves (Polyak and Juditsky 1992, SIAM J. Control Optim. 30, 838; exponential as in TensorFlow's
/// ExponentialMovingAverage).
public struct WeightAverage: Hashable, Sendable {
  /// The share of the average that stays, above 0 and below 1.
  public var decay: Double
  /// Whether less stays in the first steps, so that the starting values are soon forgotten.
  public var warmsUp: Bool

  /// Creates an average.
  public init(decay: Double, warmsUp: Bool = false) {
    self.decay = decay
    self.warmsUp = warmsUp
  }

  /// The share that stays in a step: while it warms up at most (1 + t) / (10 + t).
  ///
  /// - Parameter step: The number t of the step, from 1.
  /// - Returns: A share above 0 and below 1.
  public func decay(ofStep step: Int) -> Double {
    warmsUp ? min(decay, Double(1 + step) / Double(10 + step)) : decay
  }
}
