import Tidemark

/// What reads the values of flags: each turns a text into a value or says what it must be.
enum Value {
  /// The most samples of a batch, and the most steps, that are accepted.
  static let largestCount = 1_000_000

  /// Reads whole numbers from 1 to the most that are accepted.
  static let count = whole(1...largestCount)

  /// Reads whole numbers in a range.
  static func whole(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
    { text in
      guard let value = Int(text), range.contains(value) else {
        throw ValueError(
          "it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
  }

  /// Reads numbers that `isAllowed` accepts.
  static func number<Number: LosslessStringConvertible & SendableMetatype>(
    _ expectation: String, where isAllowed: @escaping @Sendable (Number) -> Bool
  ) -> @Sendable (String) throws -> Number {
    { text in
      guard let value = Number(text), isAllowed(value) else {
        throw ValueError("it must be \(expectation)")
      }
      return value
    }
  }

  /// Reads seeds.
  static func seed(_ text: String) throws(ValueError) -> UInt64 {
    guard let value = UInt64(text) else {
      throw ValueError("it must be a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  /// Reads the path of a folder; none would be the root folder once a file's name is put behind it.
  static func folder(_ path: String) throws(ValueError) -> String {
    guard !path.isEmpty else { throw ValueError("it must be the name of a folder") }
    return path
  }

  /// Reads the shape of a sample, such as `28x28x1`.
  static func shape(_ text: String) throws(ValueError) -> Shape {
    let extents = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    let numbers = extents.compactMap { $0 }
    guard (2...4).contains(extents.count), numbers.count == extents.count,
      let channels = numbers.last, numbers.allSatisfy({ $0 >= 1 && $0 <= largestCount })
    else {
      throw ValueError(
        "it must be one to three extents and the channels, each from 1 to \(largestCount), such as "
          + "28x28x1")
    }
    return Shape(spatial: Array(numbers.dropLast()), channels: channels)
  }

  /// Reads arrangements of a step's memory, by name.
  static func arrangement(_ name: String) throws(UnknownNameError) -> MemoryArrangement {
    guard let arrangement = MemoryArrangement(rawValue: name) else {
      throw UnknownNameError(
        kind: "placement", name: name, known: MemoryArrangement.allCases.map(\.rawValue))
    }
    return arrangement
  }

  /// Reads instruction sets that this processor has, by name.
  static func instructionSet(_ name: String) throws(ValueError) -> InstructionSet {
    guard let set = InstructionSet.available.first(where: { $0.rawValue == name }) else {
      let names = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
      throw ValueError("it must be one that this processor has: \(names)")
    }
    return set
  }
}

/// What a value must be; the flag and the value are named by who reads it.
struct ValueError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
