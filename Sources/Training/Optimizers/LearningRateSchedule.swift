import Glibc

/// How the learning rate changes in the course of a training, as a factor of the one that is set.
public struct LearningRateSchedule: Hashable, Sendable {
  /// What happens to the rate behind the warm-up.
  public enum Course: Hashable, Sendable {
    /// It stays.
    case constant
    /// It is multiplied by a factor each time that so many epochs have passed.
    case steps(epochs: Int, factor: Double)
    /// It falls to 0 along half a cosine (Loshchilov and Hutter 2016, arXiv 1608.03983, without
    /// restarts).
    case cosine
  }

  /// What happens behind the warm-up.
  public var course: Course
  /// The epochs over which the rate first rises in equal steps from near 0 to the full one.
  public var warmUpEpochs: Int

  /// Creates a schedule.
  public init(_ course: Course = .constant, warmUpEpochs: Int = 0) {
    self.course = course
    self.warmUpEpochs = warmUpEpochs
  }

  /// Whether the rate of a step depends on how many epochs there will be.
  public var dependsOnEpochCount: Bool { course == .cosine }

  /// Requires that a training reaches the learning rate that is set.
  ///
  /// - Parameter epochCount: The epochs of the whole training.
  /// - Throws: `LearningRateScheduleError` unless the warm-up is shorter than the training.
  func requireFit(epochCount: Int) throws(LearningRateScheduleError) {
    guard warmUpEpochs > 0, warmUpEpochs >= epochCount else { return }
    throw LearningRateScheduleError(
      text: "\(self)",
      reason: "warmup is \(warmUpEpochs); it must be less than the epochs of the training, "
        + "\(epochCount)")
  }

  /// What the learning rate is multiplied by.
  ///
  /// - Parameters:
  ///   - step: The number of the step, from 0 through all epochs.
  ///   - stepsPerEpoch: The steps of an epoch.
  ///   - epochCount: The epochs of the whole training.
  /// - Returns: A number from 0 to 1, or more if a step's factor is above 1.
  public func factor(step: Int, stepsPerEpoch: Int, epochCount: Int) -> Double {
    let warmUp = warmUpEpochs * stepsPerEpoch
    guard step >= warmUp else { return Double(step + 1) / Double(warmUp) }
    switch course {
    case .constant:
      return 1
    case .steps(let epochs, let factor):
      return pow(factor, Double(step / stepsPerEpoch / epochs))
    case .cosine:
      let rest = max(1, epochCount * stepsPerEpoch - warmUp)
      return 0.5 * (1 + cos(Double.pi * Double(step - warmUp) / Double(rest)))
    }
  }
}
