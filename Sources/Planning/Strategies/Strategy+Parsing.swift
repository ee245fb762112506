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
  /// Parts are spelled `name[:value][,key=value…]`; a plus sign combines one that recomputes,
  /// one that approximates and one that divides the batch.
  ///
  /// - Parameter text: The strategy as text.
  /// - Throws: `StrategySpellingError`: one sentence, with the nearest name for one that is unknown.
  public init(parsing text: String) throws(StrategySpellingError) {
    self = .full
    let parts = text.split(separator: "+", omittingEmptySubsequences: false)
    for part in parts {
      let part = try StrategyPart(part, of: text)
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
        recomputation = .optimal(budget: try part.budget())
      case .microbatch:
        try part.takeNoOptions()
        try part.require(partCount == 1, "it divides the batch twice; keep one")
        partCount = try part.number(of: "parts", upTo: Self.largestValue)
      case .trace:
        try part.require(approximation == nil, "it asks for two approximations; keep one")
        approximation = .trace(try part.trace(upTo: Self.largestValue))
      case .quantize:
        try part.takeNoOptions()
        try part.require(approximation == nil, "it asks for two approximations; keep one")
        approximation = .quantization(try part.quantization())
      case .spill:
        try part.takeNoOptions()
        try part.require(
          parts.count == 1,
          "spill keeps everything in a file, so that there is nothing to combine it with")
        spilling = try part.spilling()
      case .invert:
        try part.takeNothing()
        try part.require(
          parts.count == 1,
          "invert keeps only what it recovers the rest from, so that there is nothing to combine it with"
        )
        inverts = true
      }
    }
  }
}

extension Strategy: CustomStringConvertible {
  /// The canonical spelling, which can be read back.
  public var description: String {
    var parts = partCount == 1 ? [] : ["microbatch:\(partCount)"]
    switch recomputation {
    case .none: break
    case .squareRoot: parts.append("sqrt")
    case .segments(let count): parts.append("checkpoint:\(count)")
    case .revolve(let slots): parts.append("revolve:\(slots)")
    case .mixed(let slots): parts.append("mixed:\(slots)")
    case .optimal(let budget): parts.append("optimal:\(budget)")
    }
    switch approximation {
    case nil: break
    case .quantization(let quantization): parts.append("quantize:\(quantization.bits.rawValue)")
    case .trace(let trace): parts.append("\(trace)")
    }
    if let spilling { parts.append("spill:\(Self.spelling(ofSize: spilling.stagingByteCount))") }
    if inverts { parts.append("invert") }
    return parts.isEmpty ? "full" : parts.joined(separator: "+")
  }
}

extension Strategy {
  /// The size in the largest binary unit of which it is a whole number.
  static func spelling(ofSize byteCount: Int) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    where byteCount > 0 && byteCount % (1 << shift) == 0 {
      return "\(byteCount >> shift)\(unit)"
    }
    return "\(byteCount)B"
  }
}
