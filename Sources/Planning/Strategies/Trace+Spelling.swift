import Files
import MemoryLedger
import Networks

extension Trace: CustomStringConvertible {
  /// The canonical spelling, which can be read back: defaults are left out.
  public var description: String {
    var text = "trace:"
    switch amount {
    case .probes(let count): text += "\(count)"
    case .bytes(let count): text += Strategy.spelling(ofSize: count)
    }
    if estimator != .fold { text += ",estimator=\(estimator.rawValue)" }
    if deflation != Self.defaultDeflation(estimator, amount) { text += ",deflate=\(deflation)" }
    if let storage, estimator == .fold || storage != .float32 { text += ",bits=\(storage.bits)" }
    if usesMask { text += ",mask" }
    return text
  }
}

/// The options of `trace`.
enum TraceOption: String, CaseIterable {
  case estimator
  case deflate
  case bits
  case mask

  /// How it is spelled.
  var spelling: String {
    switch self {
    case .estimator:
      "estimator=\(SketchDescription.Estimator.allCases.map(\.rawValue).joined(separator: "|"))"
    case .deflate: "deflate=none|mean|tiles:Q"
    case .bits: "bits=32|8|4|2"
    case .mask: "mask"
    }
  }

  /// What it does, in one sentence.
  var summary: String {
    switch self {
    case .estimator:
      "the random numbers that combine pixels; fold unless given, all others are as published: "
        + "nothing removed, 32 bits"
    case .deflate:
      "what is removed from each map before and carried exactly: its mean, or those of Q tiles; "
        + "mean for a fold unless given"
    case .bits:
      "the bits of each number of a sketch; for a fold unless given chosen for each map: the fewest "
        + "whose buckets are not too many to be quick, 8 where they hold a bucket for every pixel"
    case .mask:
      "takes the mean of the positive pixels from maps whose signs a ReLU keeps anyway, and adds its "
        + "exact gradient: errs less, but takes as long as the exact gradient"
    }
  }
}

extension StrategyPart {
  /// What `trace` keeps.
  func trace(upTo most: Int) throws(StrategySpellingError) -> Trace {
    var values: [TraceOption: String] = [:]
    for option in options {
      guard let name = TraceOption(rawValue: option.key) else {
        throw error(
          UnknownNameError(
            kind: "option of trace", name: option.key, known: TraceOption.allCases.map(\.rawValue)
          ).description)
      }
      try require(values[name] == nil, "it gives \(name) twice; keep one")
      values[name] = option.value ?? ""
    }
    let amount: Trace.Amount =
      if let value, value.contains(where: \.isLetter) {
        .bytes(try size())
      } else {
        .probes(try number(of: "probes", upTo: most, alternative: ", or a size such as 2MiB"))
      }
    var estimator = SketchDescription.Estimator.fold
    var deflation: SketchDescription.Deflation?
    var storage: SketchDescription.Storage?
    if let name = values[.estimator] { estimator = try self.estimator(name) }
    if let text = values[.deflate] { deflation = try self.deflation(text, upTo: most) }
    if let text = values[.bits] { storage = try self.storage(text) }
    try require(values[.mask] ?? "" == "", "mask takes no value; write ,mask")
    do throws(TraceError) {
      return try Trace(
        amount, estimator: estimator, deflation: deflation, storage: storage,
        usesMask: values[.mask] != nil)
    } catch {
      throw self.error(error.description)
    }
  }

  private func estimator(
    _ name: String
  ) throws(StrategySpellingError) -> SketchDescription.Estimator {
    guard let estimator = SketchDescription.Estimator(rawValue: name) else {
      throw error(unknown("estimator", name, SketchDescription.Estimator.allCases.map(\.rawValue)))
    }
    return estimator
  }

  private func deflation(
    _ text: String, upTo most: Int
  ) throws(StrategySpellingError) -> SketchDescription.Deflation {
    switch text {
    case "none": return .none
    case "mean": return .mean
    default:
      guard text.hasPrefix("tiles:") else {
        throw error(unknown("deflation", text, ["none", "mean", "tiles:4"]))
      }
      let number = text.dropFirst("tiles:".count)
      guard let count = Int(number), (1...most).contains(count) else {
        throw error(
          "the number of tiles is '\(number)'; it must be a whole number from 1 to \(most)")
      }
      return .tiles(count)
    }
  }

  private func storage(
    _ text: String
  ) throws(StrategySpellingError) -> SketchDescription.Storage {
    let storages = SketchDescription.Storage.allCases
    guard let storage = storages.first(where: { "\($0.bits)" == text }) else {
      throw error("the number of bits is '\(text)'; it must be 32, 8, 4 or 2")
    }
    return storage
  }

  private func unknown(_ kind: String, _ name: String, _ known: [String]) -> String {
    UnknownNameError(kind: kind, name: name, known: known).description
  }
}
