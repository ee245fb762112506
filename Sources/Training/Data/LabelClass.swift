/// A class of a data set: what it is called there, and how many labels are of it.
public struct LabelClass: Sendable, Equatable {
  /// The number of the class, from 0.
  public let number: Int
  /// The label that stands for it in the files.
  public let label: Int
  /// How many labels to train with are of it.
  public let trainingCount: Int
  /// How many labels to test with are of it.
  public let testCount: Int

  /// How many labels are of it.
  public var count: Int { trainingCount + testCount }
}

extension LabelClass {
  /// What a user should know of classes before training: the background, which is number 0, may be
  /// missing, but no other class.
  static func warnings(_ classes: [LabelClass]) -> [String] {
    classes.dropFirst().filter { $0.trainingCount == 0 }.map {
      $0.testCount == 0
        ? "no label is \($0.label), so that class \($0.number) cannot be learnt"
        : "the label \($0.label) is in test samples alone, so that class \($0.number) cannot be learnt"
    }
  }
}
