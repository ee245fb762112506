import Files

extension LearningRateSchedule {
  /// How schedules are spelled.
  public static let spellings =
    "constant, step:E[,factor=F], multistep:E/E/E[,factor=F] or cosine[,least=F], each with "
    + "[,warmup=E][,rise-from=F][,count-from=start|warmup]"

  static let kind = "learning-rate schedule"
  private static let largestEpochCount = 1_000_000

  /// Reads a schedule such as `constant`, `step:2.4,factor=0.97` or `cosine,warmup=1`.
  ///
  /// - Parameter text: The schedule as text.
  /// - Throws: `OptimizationSpellingError`: one sentence.
  public init(parsing text: String) throws(OptimizationSpellingError) {
    var options = try SpelledOptions(text, kind: Self.kind, spellings: Self.spellings)
    let course = try Self.course(&options)
    let most = Self.largestEpochCount
    let warmUp: Int? = try options.number(
      "warmup", "a whole number of epochs from 0 to \(most)"
    ) { $0 >= 0 && $0 <= most }
    let start: Double? = try options.number("rise-from", "a number from 0 to 1") {
      $0 >= 0 && $0 <= 1
    }
    var origin: Origin?
    if let name = options.take("count-from") {
      origin = Origin(rawValue: name)
      guard origin != nil else {
        throw options.error("count-from is '\(name)'; it must be start or warmup")
      }
    }
    try options.finish(takesValue: ["step", "multistep"].contains(options.name))
    if warmUp ?? 0 == 0, start != nil || origin != nil {
      throw options.error("rise-from and count-from need a warmup")
    }
    self.init(
      course, warmUpEpochs: warmUp ?? 0, rise: start.map { .linear(start: $0) } ?? .plusOne,
      origin: origin)
  }

  private static func course(
    _ options: inout SpelledOptions
  ) throws(OptimizationSpellingError) -> Course {
    switch options.name {
    case "constant": return .constant
    case "cosine":
      return .cosine(
        least: try options.number("least", "a number from 0 to 1") { $0 >= 0 && $0 <= 1 } ?? 0)
    case "step":
      return .steps(
        epochs: try options.number(
          options.value ?? "", of: "the number behind step:",
          "a number of epochs above 0, at most \(largestEpochCount)"
        ) { $0 > 0 && $0 <= Double(largestEpochCount) }, factor: try factor(&options))
    case "multistep":
      var epochs: [Int] = []
      for word in (options.value ?? "").split(separator: "/", omittingEmptySubsequences: false) {
        epochs.append(
          try options.number(
            String(word), of: "a number behind multistep:",
            "a whole number of epochs from 1 to \(largestEpochCount)"
          ) { $0 >= 1 && $0 <= largestEpochCount })
      }
      return .milestones(epochs, factor: try factor(&options))
    default:
      throw options.error(
        UnknownNameError(
          kind: "schedule", name: options.name, known: ["constant", "step", "multistep", "cosine"]
        ).description)
    }
  }

  private static func factor(
    _ options: inout SpelledOptions
  ) throws(OptimizationSpellingError) -> Double {
    try options.number("factor", "a number above 0, at most 1") { $0 > 0 && $0 <= 1 } ?? 0.1
  }
}

extension LearningRateSchedule: CustomStringConvertible {
  /// The canonical spelling, which can be read back.
  public var description: String {
    let words: String
    switch course {
    case .constant: words = "constant"
    case .steps(let epochs, let factor):
      words = "step:\(CanonicalSpelling.short(epochs)),factor=\(factor)"
    case .milestones(let epochs, let factor):
      words = "multistep:\(epochs.map(String.init).joined(separator: "/")),factor=\(factor)"
    case .cosine(let least):
      words = least == 0 ? "cosine" : "cosine,least=\(least)"
    }
    guard warmUpEpochs > 0 else { return words }
    var start: String?
    if case .linear(let share) = rise { start = "rise-from=\(share)" }
    return CanonicalSpelling.joined(
      words, "warmup=\(warmUpEpochs)", start,
      origin == course.usualOrigin ? nil : "count-from=\(origin.rawValue)")
  }
}
