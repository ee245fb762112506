import Files

/// A text that is no learning-rate schedule: what is wrong with it, and what would be right.
public struct LearningRateScheduleError: DescribedFailure, Equatable {
  /// The text that was given.
  public let text: String
  /// What is wrong, and what would be right.
  public let reason: String

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }

  /// One sentence that names the schedule.
  public var description: String {
    "the learning-rate schedule '\(text)' cannot be used: \(reason)"
  }
}

extension LearningRateSchedule {
  /// How schedules are spelled.
  public static let spellings = "constant, step:E[,factor=F] or cosine, each with [,warmup=E]"

  private static let largestEpochCount = 1_000_000

  /// Reads a schedule such as `constant`, `step:10,factor=0.5` or `cosine,warmup=1`.
  ///
  /// - Parameter text: The schedule as text.
  /// - Throws: `LearningRateScheduleError`: one sentence.
  public init(parsing text: String) throws(LearningRateScheduleError) {
    func failure(_ reason: String) -> LearningRateScheduleError {
      LearningRateScheduleError(text: text, reason: reason)
    }
    func epochs(
      _ word: Substring?, of what: String, atLeast least: Int
    ) throws(LearningRateScheduleError) -> Int {
      guard let number = word.flatMap({ Int($0) }), number >= least,
        number <= Self.largestEpochCount
      else {
        throw failure(
          "\(what) is '\(word ?? "")'; it must be a whole number of epochs from \(least) to "
            + "\(Self.largestEpochCount)")
      }
      return number
    }
    let fields = text.split(separator: ",", omittingEmptySubsequences: false)
    let head = (fields.first ?? "").split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let value = head.count > 1 ? head[1] : nil
    self.init()
    switch head.first ?? "" {
    case "constant": course = .constant
    case "cosine": course = .cosine
    case "step":
      course = .steps(
        epochs: try epochs(value, of: "the number behind step:", atLeast: 1), factor: 0.1)
    default:
      throw failure(
        UnknownNameError(
          kind: "schedule", name: String(head.first ?? ""), known: ["constant", "step", "cosine"]
        ).description)
    }
    if let value, !text.hasPrefix("step") {
      throw failure("\(head[0]) takes no ':\(value)'; write \(Self.spellings)")
    }
    for field in fields.dropFirst() {
      let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let argument = pair.count > 1 ? pair[1] : nil
      switch (pair[0], course) {
      case ("warmup", _):
        warmUpEpochs = try epochs(argument, of: "warmup", atLeast: 0)
      case ("factor", .steps(let epochs, _)):
        guard let factor = argument.flatMap({ Double($0) }), factor > 0, factor <= 1 else {
          throw failure("factor is '\(argument ?? "")'; it must be a number above 0, at most 1")
        }
        course = .steps(epochs: epochs, factor: factor)
      default:
        throw failure("\(head[0]) takes no ',\(pair[0])'; write \(Self.spellings)")
      }
    }
  }
}

extension LearningRateSchedule: CustomStringConvertible {
  /// The canonical spelling, which can be read back.
  public var description: String {
    let warmUp = warmUpEpochs > 0 ? ",warmup=\(warmUpEpochs)" : ""
    switch course {
    case .constant: return "constant\(warmUp)"
    case .steps(let epochs, let factor): return "step:\(epochs),factor=\(factor)\(warmUp)"
    case .cosine: return "cosine\(warmUp)"
    }
  }
}
