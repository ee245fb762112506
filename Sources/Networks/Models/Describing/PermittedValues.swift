import Files

/// What a parameter of a model is set to.
public enum ModelParameterValue: Hashable, Sendable {
  /// A whole number, such as a depth.
  case whole(Int)
  /// A number, such as a width.
  case number(Double)
  /// Whole numbers, such as the layers of each block.
  case counts([Int])
}

/// What a parameter of a model may be set to.
public enum PermittedValues: Sendable {
  /// One of a few values.
  case choice([ModelParameterValue])
  /// A whole number.
  case wholes(ClosedRange<Int>)
  /// A number.
  case numbers(ClosedRange<Double>)
  /// Whole numbers from 1, so many of them, or the name of a usual list.
  case counts(ClosedRange<Int>, upTo: Int, names: [(name: String, counts: [Int])])

  /// The value that a text spells; nil if it is none of the permitted ones.
  func value(_ text: String) -> ModelParameterValue? {
    switch self {
    case .choice(let values):
      return values.first { value in
        switch value {
        case .whole(let number): Int(text) == number
        case .number(let number): Double(text) == number
        case .counts: spelling(of: value) == text
        }
      }
    case .wholes(let range):
      return Int(text).flatMap { range.contains($0) ? .whole($0) : nil }
    case .numbers(let range):
      return Double(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .counts(let length, let most, let names):
      if let named = names.first(where: { $0.name == text }) { return .counts(named.counts) }
      let words = text.split(separator: "/", omittingEmptySubsequences: false)
      let counts = words.compactMap { Int($0) }
      guard counts.count == words.count, length.contains(counts.count),
        counts.allSatisfy({ (1...most).contains($0) })
      else { return nil }
      return .counts(counts)
    }
  }

  /// The shortest text that spells a value.
  func spelling(of value: ModelParameterValue) -> String {
    switch value {
    case .whole(let number): return "\(number)"
    case .number(let number): return CanonicalSpelling.short(number)
    case .counts(let counts):
      if case .counts(_, _, let names) = self,
        let named = names.first(where: { $0.counts == counts })
      {
        return named.name
      }
      return counts.map(String.init).joined(separator: "/")
    }
  }

  /// Texts of single values, for those of which there are few.
  var examples: [String] {
    switch self {
    case .choice(let values): values.map(spelling)
    case .wholes, .numbers: []
    case .counts(_, _, let names): names.map(\.name)
    }
  }
}

extension PermittedValues: CustomStringConvertible {
  /// What is permitted, in words that go on "it must be".
  public var description: String {
    switch self {
    case .choice: return Self.alternatives(examples)
    case .wholes(let range):
      return "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .numbers(let range):
      return "a number from \(CanonicalSpelling.short(range.lowerBound)) to "
        + CanonicalSpelling.short(range.upperBound)
    case .counts(let length, let most, let names):
      let number =
        length.lowerBound == length.upperBound
        ? "\(length.lowerBound)" : "\(length.lowerBound) to \(length.upperBound)"
      let list = "\(number) whole numbers from 1 to \(most) with a slash between"
      return Self.alternatives(names.map(\.name) + [list])
    }
  }

  /// "a", "a or b", "a, b or c".
  private static func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
