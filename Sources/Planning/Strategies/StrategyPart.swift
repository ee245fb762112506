import Files
import MemoryLedger
import Networks

/// One `name[:value][,key=value…]` of a strategy.
struct StrategyPart {
  let name: StrategyName
  private let whole: String
  let value: String?
  let options: [(key: String, value: String?)]

  init(_ text: Substring, of whole: String) throws(StrategySpellingError) {
    self.whole = whole
    let spelled = SpelledName(text)
    guard let name = StrategyName(rawValue: spelled.name) else {
      let names = StrategyName.allCases.map(\.rawValue)
      let error = UnknownNameError(kind: "strategy", name: spelled.name, known: names)
      throw StrategySpellingError(text: whole, reason: error.description)
    }
    self.name = name
    (value, options) = (spelled.value, spelled.options)
  }

  func error(_ reason: String) -> StrategySpellingError {
    StrategySpellingError(text: whole, reason: reason)
  }

  func require(_ condition: Bool, _ reason: String) throws(StrategySpellingError) {
    guard condition else { throw error(reason) }
  }

  func takeNoOptions() throws(StrategySpellingError) {
    try require(
      options.isEmpty, "\(name) takes no ',\(options.first?.key ?? "")'; write \(name.spelling)")
  }

  func takeNothing() throws(StrategySpellingError) {
    try require(value == nil, "\(name) takes no number; write \(name.spelling)")
    try takeNoOptions()
  }

  /// The value as a number; `alternative` is what else it may be, in words.
  func number(
    of things: String, upTo most: Int, alternative: String = ""
  ) throws(StrategySpellingError) -> Int {
    guard let value, !value.isEmpty else {
      throw error("\(name) needs a number of \(things), such as \(name.example)\(alternative)")
    }
    guard let number = Int(value), (1...most).contains(number) else {
      throw error(
        "the number of \(things) is '\(value)'; it must be a whole number from 1 to \(most)"
          + alternative)
    }
    return number
  }

  func quantization() throws(StrategySpellingError) -> Quantization {
    let number = try number(of: "bits", upTo: 8)
    guard let bits = Quantization.Bits(rawValue: number) else {
      throw error("the number of bits is '\(number)'; it must be 1, 2, 4 or 8")
    }
    return Quantization(bits: bits, seed: 0)
  }

  func spilling() throws(StrategySpellingError) -> Spilling {
    let size = try self.size()
    do {
      return try Spilling(stagingByteCount: size)
    } catch {
      throw self.error(error.description)
    }
  }

  func size() throws(StrategySpellingError) -> Int {
    guard let value, !value.isEmpty else {
      throw error("\(name) needs a size, such as \(name.example)")
    }
    do {
      return try ByteCount(parsing: value).bytes
    } catch {
      throw self.error("\(error)")
    }
  }

  /// A size such as `64MiB`, or a share such as `1/2`.
  func budget() throws(StrategySpellingError) -> StepBudget {
    guard let value, !value.isEmpty else {
      throw error("\(name) needs a size or a share, such as \(name.example) or 1/2")
    }
    do {
      return try StepBudget(parsing: value)
    } catch {
      throw self.error(error.description)
    }
  }
}
