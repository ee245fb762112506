import Glibc

/// How the learning rate changes in the course of a training, as a factor of the one that is set.
public struct LearningRateSchedule: Hashable, Sendable {
  /// What happens to the rate behind the warm-up.
  public enum Course: Hashable, Sendable {
    /// It stays.
    case constant
    /// It is multiplied by a factor each time that so many epochs have passed, which may be a fraction.
    case steps(epochs: Double, factor: Double)
    /// It is multiplied by a factor when each of these epochs has come.
    case milestones([Int], factor: Double)
    /// It falls along half a cosine to this factor (Loshchilov and Hutter 2016, arXiv 1608.03983,
    /// without restarts).
    case cosine(least: Double = 0)
  }

  /// How the rate rises over the warm-up of W steps.
  public enum Rise: Hashable, Sendable {
    /// In step t it is (t + 1)/W of the full one.
    case plusOne
    /// In step t it is start + (1 − start)·t/W of the full one.
    case linear(start: Double)
  }

  /// From where the steps of a course are counted.
  public enum Origin: String, Hashable, Sendable, CaseIterable {
    /// From the beginning of the training.
    case start
    /// From the end of the warm-up.
    case warmUp = "warmup"
  }

  /// What happens behind the warm-up.
  public var course: Course
  /// The epochs over which the rate first rises to the full one.
  public var warmUpEpochs: Int
  /// How it rises.
  public var rise: Rise
  /// From where the steps of the course are counted.
  public var origin: Origin

  /// Creates a schedule.
  ///
  /// - Parameters:
  ///   - course: What happens behind the warm-up.
  ///   - warmUpEpochs: The epochs over which the rate first rises.
  ///   - rise: How it rises.
  ///   - origin: From where the steps of the course are counted; if not given, from the warm-up's end for
  ///     a cosine and from the beginning for the others.
  public init(
    _ course: Course = .constant, warmUpEpochs: Int = 0, rise: Rise = .plusOne,
    origin: Origin? = nil
  ) {
    self.course = course
    self.warmUpEpochs = warmUpEpochs
    self.rise = rise
    self.origin = origin ?? course.usualOrigin
  }

  /// Whether the rate of a step depends on how many epochs there will be.
  public var dependsOnEpochCount: Bool {
    if case .cosine = course { true } else { false }
  }

  /// Requires that a training reaches the learning rate that is set.
  ///
  /// - Parameter epochCount: The epochs of the whole training.
  /// - Throws: `OptimizationSpellingError` unless the warm-up is shorter than the training.
  func requireFit(epochCount: Int) throws(OptimizationSpellingError) {
    guard warmUpEpochs > 0, warmUpEpochs >= epochCount else { return }
    throw OptimizationSpellingError(
      kind: Self.kind, text: "\(self)",
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
    guard step >= warmUp else {
      switch rise {
      case .plusOne: return Double(step + 1) / Double(warmUp)
      case .linear(let start): return start + (1 - start) * Double(step) / Double(warmUp)
      }
    }
    let origin = origin == .warmUp ? warmUp : 0
    let count = step - origin
    switch course {
    case .constant:
      return 1
    case .steps(let epochs, let factor):
      return pow(factor, (Double(count) / (epochs * Double(stepsPerEpoch))).rounded(.down))
    case .milestones(let epochs, let factor):
      return pow(factor, Double(epochs.count { $0 * stepsPerEpoch <= count }))
    case .cosine(let least):
      let rest = max(1, epochCount * stepsPerEpoch - origin)
      return least + (1 - least) * 0.5 * (1 + cos(Double.pi * Double(count) / Double(rest)))
    }
  }
}

extension LearningRateSchedule.Course {
  /// From where the steps are counted unless told otherwise.
  var usualOrigin: LearningRateSchedule.Origin {
    if case .cosine = self { .warmUp } else { .start }
  }
}
