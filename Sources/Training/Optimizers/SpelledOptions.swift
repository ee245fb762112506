import Files

/// A text that describes no way of training: what is wrong with it, and what would be right.
public struct OptimizationSpellingError: DescribedFailure, Equatable {
  /// What was described, such as `learning-rate schedule`.
  public let kind: String
  /// The text that was given.
  public let text: String
  /// What is wrong, and what would be right.
  public let reason: String

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }

  /// One sentence that names what was described.
  public var description: String { "the \(kind) '\(text)' cannot be used: \(reason)" }
}

/// A text such as `step:10,factor=0.5`: a name, perhaps a value, and options that are taken out one by
/// one.
struct SpelledOptions {
  /// What is before the colon and the first comma.
  let name: String
  /// What is behind the colon.
  let value: String?

  private let kind: String
  private let text: String
  private let spellings: String
  private var options: [(key: String, value: String?)]

  /// Takes a text apart.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - kind: What it describes.
  ///   - spellings: How such things are spelled, for errors.
  /// - Throws: `OptimizationSpellingError` if an option is given twice.
  init(
    _ text: String, kind: String, spellings: String
  ) throws(OptimizationSpellingError) {
    let spelled = SpelledName(text)
    self.kind = kind
    self.text = text
    self.spellings = spellings
    (name, value, options) = (spelled.name, spelled.value, spelled.options)
    if let twice = spelled.repeatedKey {
      throw error("it gives \(twice) twice; keep one")
    }
  }

  /// The error with a reason.
  func error(_ reason: String) -> OptimizationSpellingError {
    OptimizationSpellingError(kind: kind, text: text, reason: reason)
  }

  /// What an option is set to: nil if it is not given, empty if it is given without a value.
  mutating func take(_ key: String) -> String? {
    guard let place = options.firstIndex(where: { $0.key == key }) else { return nil }
    return options.remove(at: place).value ?? ""
  }

  /// Whether an option without a value is given.
  mutating func flag(_ key: String) throws(OptimizationSpellingError) -> Bool {
    guard let value = take(key) else { return false }
    guard value.isEmpty else { throw error("\(key) takes no value; write ,\(key)") }
    return true
  }

  /// The number that an option is set to; nil if it is not given.
  mutating func number<Number: LosslessStringConvertible>(
    _ key: String, _ expectation: String, where isAllowed: (Number) -> Bool
  ) throws(OptimizationSpellingError) -> Number? {
    guard let word = take(key) else { return nil }
    return try number(word, of: key, expectation, where: isAllowed)
  }

  /// A number that a word of the text must be.
  func number<Number: LosslessStringConvertible>(
    _ word: String, of what: String, _ expectation: String, where isAllowed: (Number) -> Bool
  ) throws(OptimizationSpellingError) -> Number {
    guard let number = Number(word), isAllowed(number) else {
      throw error("\(what) is '\(word)'; it must be \(expectation)")
    }
    return number
  }

  /// Requires that all of the text has been understood.
  ///
  /// - Parameter takesValue: Whether the name goes with a value.
  /// - Throws: `OptimizationSpellingError` that names what has not been.
  func finish(takesValue: Bool = false) throws(OptimizationSpellingError) {
    if let value, !takesValue { throw error("\(name) takes no ':\(value)'; write \(spellings)") }
    if let option = options.first {
      throw error("\(name) takes no ',\(option.key)'; write \(spellings)")
    }
  }
}
