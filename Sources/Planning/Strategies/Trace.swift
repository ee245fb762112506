import Networks

/// What `trace` keeps instead of the inputs of convolutions: sketches, of a size for each map or within
/// a budget for all.
///
/// **The default** is a signed fold with the mean removed, its numbers in 8, 4 or 2 bits:
///
/// * Behind a ReLU most of a map's energy is its mean. Carried exactly, it no longer errs.
/// * A fold costs one addition an element and errs no more than signs do; with a bucket for every
///   pixel it does not err at all. Dense probes cost as many multiplications as there are probes.
/// * Rounded at random, four bits add 2 % to the error of a bucket and two bits a half, but the same
///   bytes hold eight and sixteen times the buckets, each of which divides the error. So the fewest
///   bits win, as long as there are more pixels than buckets.
/// * The arithmetic of the gradient grows with the buckets. More than three tenths of the pixels are
///   not worth their time: then more bits are taken instead. Where eight bits hold a bucket for every
///   pixel, nothing but their rounding is lost.
/// * Where folds save next to no arithmetic, since there are few channels or windows step over pixels,
///   every pixel has its bucket if four bits or two allow it: that is quicker, and errs less.
public struct Trace: Hashable, Sendable {
  /// How much is kept.
  public enum Amount: Hashable, Sendable {
    /// At most the bytes of so many probes, held as floats, of each map. For estimators whose probes
    /// extend over the channels: so many numbers of each sample.
    case probes(Int)
    /// So many bytes for the inputs of all convolutions together, shared out to err least.
    case bytes(Int)
  }

  /// How much is kept.
  public let amount: Amount
  /// The random numbers that combine pixels.
  public let estimator: SketchDescription.Estimator
  /// What is removed from a map before it is sketched, and carried exactly.
  public let deflation: SketchDescription.Deflation
  /// How the numbers of a sketch are held; nil to choose for each map.
  public let storage: SketchDescription.Storage?

  /// Whether the signs that rectifiers keep anyway serve as a control variate.
  ///
  /// The mean of the positive pixels is taken from them first, and its exact gradient added again. It
  /// errs less, and takes the time of an exact gradient. Inputs that do not come from a rectifier are
  /// sketched without.
  public let usesMask: Bool

  /// The variance that each value's sketch was measured to cause; see `replanned(from:)`.
  var variances: [NodeID: Double] = [:]

  /// Describes what is kept; what is left out is chosen: the default described above for the fold,
  /// what was published for all other estimators.
  ///
  /// - Parameters:
  ///   - amount: How much is kept.
  ///   - estimator: The random numbers that combine pixels.
  ///   - deflation: What is removed from a map before it is sketched.
  ///   - storage: How the numbers of a sketch are held.
  ///   - usesMask: Whether the signs that rectifiers keep serve as a control variate, for a fold.
  /// - Throws: `TraceError` if the bytes hold nothing besides the means and scales, or if the parts do
  ///   not go together.
  public init(
    _ amount: Amount, estimator: SketchDescription.Estimator = .fold,
    deflation: SketchDescription.Deflation? = nil, storage: SketchDescription.Storage? = nil,
    usesMask: Bool = false
  ) throws(TraceError) {
    self.amount = amount
    self.estimator = estimator
    self.usesMask = usesMask
    self.storage = estimator == .fold ? storage : storage ?? .float32
    self.deflation = deflation ?? Self.defaultDeflation(estimator, amount)
    try check()
  }

  /// A single float has no room for a mean besides buckets.
  static func defaultDeflation(
    _ estimator: SketchDescription.Estimator, _ amount: Amount
  ) -> SketchDescription.Deflation {
    estimator == .fold && amount != .probes(1) ? .mean : .none
  }

  private func check() throws(TraceError) {
    if estimator.mixesChannels, deflation != .none || storage != .float32 {
      throw TraceError(
        "probes over channels, as \(estimator.rawValue) has them, leave no map whose mean could be "
          + "removed, and are kept as floats")
    }
    if usesMask, estimator != .fold {
      throw TraceError("a mask goes with the estimator fold, not with \(estimator.rawValue)")
    }
    if case .tiles(let count) = deflation, count < 1 {
      throw TraceError("means are removed from at least 1 tile, not \(count)")
    }
    switch amount {
    case .bytes(let count):
      guard estimator == .fold, storage == nil, !usesMask else {
        throw TraceError(
          "a budget for all layers is shared out among folds whose bits are chosen; leave the "
            + "estimator and the bits out, and the mask, or give a number of probes")
      }
      guard count >= 1 else { throw TraceError("a budget must be at least 1 byte") }
    case .probes(let count):
      guard (1...Self.mostProbes).contains(count) else {
        throw TraceError("there must be from 1 to \(Self.mostProbes) probes, not \(count)")
      }
      let widest = storage ?? .int8
      if !estimator.mixesChannels, capacity(probes: count, widest, usesMask: usesMask) < 1 {
        throw TraceError(
          "the bytes of \(count) probes hold no bucket beside \(deflation.count) "
            + "\(deflation.count == 1 ? "mean" : "means"); ask for more probes")
      }
    }
  }
}

extension Trace {
  /// The same, with bytes shared out anew after variances were measured; under a number of probes
  /// nothing changes.
  ///
  /// - Parameter variances: For each value that was sketched, what V was measured to be: the squared
  ///   error of all weight gradients that are estimated from it, divided by (1 + ε)/m − 1/N for m
  ///   buckets of N pixels.
  /// - Returns: What is kept from now on.
  public func replanned(from variances: [NodeID: Double]) -> Trace {
    guard case .bytes = amount else { return self }
    var changed = self
    for (value, variance) in variances where variance > 0 && variance.isFinite {
      changed.variances[value] = variance
    }
    return changed
  }

  /// The buckets or probes that the bytes of some float probes of a map hold.
  func capacity(
    probes: Int, _ storage: SketchDescription.Storage, usesMask: Bool
  ) -> Int {
    storage.capacity(
      byteCount: probes * MemoryLayout<Float>.size - (usesMask ? MemoryLayout<UInt16>.size : 0),
      meanCount: deflation.count)
  }

  /// The sketch of a map under a number of probes; nil to keep the map whole.
  ///
  /// - Parameters:
  ///   - shape: The map.
  ///   - probes: The number of float probes whose bytes it may take.
  ///   - work: What gradients from a sketch of the map cost.
  ///   - isRectified: Whether nothing in it is negative and its signs are kept.
  /// - Returns: The sketch.
  func sketch(
    of shape: Shape, probes: Int, work: SketchedGradientWork, isRectified: Bool = false
  ) -> SketchDescription? {
    if estimator.mixesChannels { return description(size: probes, .float32) }
    let pixelCount = shape.pixelCount
    guard pixelCount > probes else { return nil }
    let usesMask = usesMask && isRectified
    func capacity(_ storage: SketchDescription.Storage) -> Int {
      self.capacity(probes: probes, storage, usesMask: usesMask)
    }
    let storage = storage ?? chosenStorage(pixelCount: pixelCount, work, capacity: capacity)
    let size = capacity(storage)
    return description(
      size: estimator == .fold ? min(size, pixelCount) : size, storage, usesMask: usesMask)
  }

  /// A sketch of the kind that is asked for.
  func description(
    size: Int, _ storage: SketchDescription.Storage, usesMask: Bool = false
  ) -> SketchDescription {
    do {
      return try SketchDescription(
        estimator: estimator, size: size, seed: 0, deflation: deflation, storage: storage,
        usesMask: usesMask)
    } catch {
      preconditionFailure("what is kept was checked: \(error)")
    }
  }

  /// The fewest bits whose buckets are still worth their time; see the default.
  private func chosenStorage(
    pixelCount: Int, _ work: SketchedGradientWork, capacity: (SketchDescription.Storage) -> Int
  ) -> SketchDescription.Storage {
    if capacity(.int8) >= pixelCount { return .int8 }
    let most = Self.mostBuckets(pixelCount: pixelCount)
    let few: [SketchDescription.Storage] = [.int2, .int4]
    let fold = few.first { capacity($0) <= most } ?? .int8
    guard work.share(buckets: capacity(fold)) > Self.worthwhileShare else { return fold }
    // A bucket a pixel errs less than any fold that is left: two bits are taken only where eight hold
    // less than half of the pixels.
    return few.reversed().first { capacity($0) >= pixelCount } ?? fold
  }

  /// More than any map has pixels; low enough that no number of bytes overflows.
  private static let mostProbes = Int(Int32.max)

  /// The share of the exact gradient's arithmetic below which a fold is worth its error.
  private static let worthwhileShare = 0.6

  /// The buckets whose arithmetic is still little beside that of the exact gradient.
  static func mostBuckets(pixelCount: Int) -> Int { max(32, pixelCount * 3 / 10) }
}

extension SketchDescription.Storage {
  /// The buckets or probes of a map that bytes hold beside its means and, for few bits, its scale.
  func capacity(byteCount: Int, meanCount: Int) -> Int {
    if self == .float32 { return byteCount / MemoryLayout<Float>.size - meanCount }
    return (byteCount - MemoryLayout<UInt16>.size * (1 + meanCount)) * 8 / bits
  }
}

/// Why sketches cannot be made as asked.
public struct TraceError: Error, Hashable, CustomStringConvertible {
  /// One sentence: what was wrong and what would be right.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
