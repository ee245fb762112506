import Tidemark

/// Values of flags, read from text.
enum Value {
  /// The most samples of a batch, and the most steps, that are accepted.
  static let largestCount = 1_000_000

  /// A whole number in a range.
  static func integer(
    _ text: String, flag: String, in range: ClosedRange<Int>
  ) throws(UsageError) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(
        flag: flag, value: text,
        expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A model, by name.
  static func model(_ name: String) throws(UnknownNameError) -> Model {
    guard let model = Model(rawValue: name) else {
      throw UnknownNameError(kind: "model", name: name, known: Model.allCases.map(\.rawValue))
    }
    return model
  }

  /// The shape of a sample, such as `28x28x1`.
  static func shape(_ text: String) throws(UsageError) -> Shape {
    let extents = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    let numbers = extents.compactMap { $0 }
    guard (2...4).contains(extents.count), numbers.count == extents.count,
      let channels = numbers.last, numbers.allSatisfy({ $0 >= 1 && $0 <= largestCount })
    else {
      throw UsageError(
        flag: "--input", value: text,
        expectation: "one to three extents and the channels, each from 1 to \(largestCount), "
          + "such as 28x28x1")
    }
    return Shape(spatial: Array(numbers.dropLast()), channels: channels)
  }
}

extension Value {
  /// The path of a folder; none would be the root folder once a file's name is put behind it.
  static func folder(_ path: String, flag: String) throws(UsageError) -> String {
    guard !path.isEmpty else {
      throw UsageError(flag: flag, value: path, expectation: "the name of a folder")
    }
    return path
  }

  /// A number that `isAllowed` accepts.
  static func number(
    _ text: String, flag: String, _ expectation: String, where isAllowed: (Float) -> Bool
  ) throws(UsageError) -> Float {
    guard let value = Float(text), isAllowed(value) else {
      throw UsageError(flag: flag, value: text, expectation: expectation)
    }
    return value
  }

  /// A number of seconds above 0, at most an hour.
  static func seconds(_ text: String, flag: String) throws(UsageError) -> Double {
    guard let value = Double(text), value > 0, value <= 3600 else {
      throw UsageError(
        flag: flag, value: text, expectation: "a number of seconds above 0, at most 3600")
    }
    return value
  }

  /// An instruction set that this processor has, by name.
  static func instructionSet(_ name: String) throws(UsageError) -> InstructionSet {
    guard let set = InstructionSet.available.first(where: { $0.rawValue == name }) else {
      let names = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
      throw UsageError(
        flag: "--instruction-set", value: name,
        expectation: "one that this processor has: \(names)")
    }
    return set
  }
}
