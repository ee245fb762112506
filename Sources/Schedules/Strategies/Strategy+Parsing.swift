import Files
import MemoryLedger
import Networks

/// A text that is no strategy: what is wrong with it, and what would be right.
public struct StrategySpellingError: DescribedFailure, Equatable {
  /// The text that was given.
  public let text: String
  /// What is wrong, and what would be right.
  public let reason: String

  /// What kind of failure this is: always wrong usage.
  public var category: FailureCategory { .wrongUsage }

  /// One sentence that names the strategy.
  public var description: String { "the strategy '\(text)' cannot be used: \(reason)" }
}

extension Strategy {
  /// The most segments or probes that can be asked for.
  ///
  /// Far above what is useful, and low enough that no number of bytes overflows.
  private static let largestValue = 65_536

  /// Reads a strategy such as `full`, `checkpoint:4` or `checkpoint:4+trace:16,estimator=gaussian`.
  ///
  /// Parts are spelled `name[:value][,key=value…]`; a plus sign combines one that recomputes with
  /// one that approximates.
  ///
  /// - Parameter text: The strategy as text.
  /// - Throws: `StrategySpellingError`: one sentence, with the nearest name for one that is unknown.
  public init(parsing text: String) throws(StrategySpellingError) {
    self = .full
    let parts = text.split(separator: "+", omittingEmptySubsequences: false)
    for part in parts {
      let part = try Part(part, of: text)
      switch part.name {
      case .full:
        try part.takeNothing()
        guard parts.count == 1 else {
          throw part.error("full keeps everything, so that there is nothing to combine it with")
        }
      case .sqrt:
        try part.takeNothing()
        try part.require(recomputation == .none, "it asks for two ways of recomputing; keep one")
        recomputation = .squareRoot
      case .checkpoint:
        try part.takeNoOptions()
        try part.require(recomputation == .none, "it asks for two ways of recomputing; keep one")
        recomputation = .segments(try part.number(of: "segments", upTo: Self.largestValue))
      case .revolve, .mixed:
        try part.takeNoOptions()
        try part.require(recomputation == .none, "it asks for two ways of recomputing; keep one")
        let slots = try part.number(of: "slots", upTo: Self.largestValue)
        recomputation = part.name == .mixed ? .mixed(slots: slots) : .revolve(slots: slots)
      case .optimal:
        try part.takeNoOptions()
        try part.require(recomputation == .none, "it asks for two ways of recomputing; keep one")
        recomputation = .optimal(budget: try part.size())
      case .trace:
        try part.require(approximation == nil, "it asks for two approximations; keep one")
        approximation = .sketch(try part.sketch(upTo: Self.largestValue))
      case .quantize:
        try part.takeNoOptions()
        try part.require(approximation == nil, "it asks for two approximations; keep one")
        approximation = .quantization(try part.quantization())
      }
    }
  }
}

extension Strategy: CustomStringConvertible {
  /// The canonical spelling, which can be read back.
  public var description: String {
    var parts: [String] = []
    switch recomputation {
    case .none: break
    case .squareRoot: parts.append("sqrt")
    case .segments(let count): parts.append("checkpoint:\(count)")
    case .revolve(let slots): parts.append("revolve:\(slots)")
    case .mixed(let slots): parts.append("mixed:\(slots)")
    case .optimal(let budget): parts.append("optimal:\(Self.spelling(ofSize: budget))")
    }
    switch approximation {
    case nil: break
    case .quantization(let quantization): parts.append("quantize:\(quantization.bits.rawValue)")
    case .sketch(let sketch):
      let estimator =
        sketch.estimator == .gaussian ? "" : ",estimator=\(sketch.estimator.rawValue)"
      parts.append("trace:\(sketch.size)\(estimator)")
    }
    return parts.isEmpty ? "full" : parts.joined(separator: "+")
  }
}

extension Strategy {
  /// The size in the largest binary unit of which it is a whole number.
  private static func spelling(ofSize byteCount: Int) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    where byteCount > 0 && byteCount % (1 << shift) == 0 {
      return "\(byteCount >> shift)\(unit)"
    }
    return "\(byteCount)B"
  }
}

/// One `name[:value][,key=value…]` of a strategy.
private struct Part {
  let name: StrategyName
  private let whole: String
  private let value: String?
  private let options: [(key: String, value: String?)]

  init(_ text: Substring, of whole: String) throws(StrategySpellingError) {
    self.whole = whole
    let fields = text.split(separator: ",", omittingEmptySubsequences: false)
    let head = (fields.first ?? "").split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let word = String(head.first ?? "")
    guard let name = StrategyName(rawValue: word) else {
      let names = StrategyName.allCases.map(\.rawValue)
      let error = UnknownNameError(kind: "strategy", name: word, known: names)
      throw StrategySpellingError(text: whole, reason: error.description)
    }
    self.name = name
    value = head.count > 1 ? String(head[1]) : nil
    options = fields.dropFirst().map { field in
      let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(pair.first ?? ""), pair.count > 1 ? String(pair[1]) : nil)
    }
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

  func number(of things: String, upTo most: Int) throws(StrategySpellingError) -> Int {
    guard let value, !value.isEmpty else {
      throw error("\(name) needs a number of \(things), such as \(name.example)")
    }
    guard let number = Int(value), (1...most).contains(number) else {
      throw error(
        "the number of \(things) is '\(value)'; it must be a whole number from 1 to \(most)")
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

  func sketch(upTo most: Int) throws(StrategySpellingError) -> SketchDescription {
    var estimator: SketchDescription.Estimator?
    for option in options {
      guard option.key == "estimator" else {
        throw error(
          UnknownNameError(kind: "option of trace", name: option.key, known: ["estimator"])
            .description)
      }
      try require(estimator == nil, "it names the estimator twice; keep one")
      let names = SketchDescription.Estimator.allCases.map(\.rawValue)
      guard let chosen = SketchDescription.Estimator(rawValue: option.value ?? "") else {
        throw error(
          UnknownNameError(kind: "estimator", name: option.value ?? "", known: names).description)
      }
      estimator = chosen
    }
    let size = try number(of: "probes", upTo: most)
    do {
      return try SketchDescription(estimator: estimator ?? .gaussian, size: size, seed: 0)
    } catch {
      throw self.error("\(error)")
    }
  }
}
