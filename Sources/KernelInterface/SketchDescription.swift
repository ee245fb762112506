/// How a randomized sketch of a convolution's input is made and read.
///
/// A convolution whose weights are to be trained must keep its input until the backward pass. A
/// sketch keeps a few random combinations of the input's pixels instead; the weight gradient
/// computed from it is right on average, whatever the choices made here.
public struct SketchDescription: Hashable, Sendable {
  /// The random numbers that combine pixels.
  public let estimator: Estimator
  /// The number of probes or buckets: numbers kept of each map.
  public let size: Int
  /// The seed of the random numbers; the backward pass draws them again from it.
  public internal(set) var seed: UInt64
  /// What is removed from a map before it is sketched, and carried exactly.
  public let deflation: Deflation
  /// How the numbers of a sketch are held.
  public let storage: Storage
  /// Whether the places where the map is positive are known to the backward pass anyway, one bit a
  /// pixel, so that the mean of the positive pixels is taken from them before the sketch.
  public let usesMask: Bool

  /// Describes a sketch.
  ///
  /// - Parameters:
  ///   - estimator: The random numbers that combine pixels.
  ///   - size: The number of probes or buckets; at least 1. A fold with a bucket for each pixel is
  ///     exact, and more buckets than pixels are not made. Probes, as many as there are pixels, are
  ///     not exact: keep the input instead.
  ///   - seed: The seed of the random numbers.
  ///   - deflation: What is removed from a map before it is sketched.
  ///   - storage: How the numbers of a sketch are held.
  ///   - usesMask: Whether the mean of the positive pixels is taken from them, for a fold of the output
  ///     of a rectifier whose signs are kept.
  /// - Throws: `SketchError` if the size or a number of tiles is below 1, if deflation or bytes are
  ///   asked of an estimator whose probes extend over the channels, or a mask of another than a fold.
  public init(
    estimator: Estimator, size: Int, seed: UInt64, deflation: Deflation = .none,
    storage: Storage = .float32, usesMask: Bool = false
  ) throws(SketchError) {
    guard size >= 1 else { throw .sizeBelowOne(size) }
    if case .tiles(let count) = deflation, count < 1 { throw .tilesBelowOne(count) }
    if estimator.mixesChannels, deflation != .none || storage != .float32 {
      throw .plainEstimatorOnly(estimator)
    }
    if usesMask, estimator != .fold { throw .maskWithoutFold(estimator) }
    self.usesMask = usesMask
    self.estimator = estimator
    self.size = size
    self.seed = seed
    self.deflation = deflation
    self.storage = storage
  }
}

extension SketchDescription {
  /// The random numbers that combine pixels.
  public enum Estimator: String, CaseIterable, Sendable {
    /// Probes with independent standard normal entries, shared by channels and samples: XConv's
    /// *independent* mode (arXiv 2106.06998).
    case gaussian
    /// Normal probes shared by channels, other ones for each sample.
    case gaussianPerSample = "gaussian-per-sample"
    /// Probes with independent entries ±1, shared by channels and samples.
    case rademacher
    /// Probes of signs shared by channels, other ones for each sample.
    case rademacherPerSample = "rademacher-per-sample"
    /// A signed fold: pixel n goes to bucket n mod `size` with a random sign, another one for each
    /// sample and pixel, shared by channels. Its error is that of signs or less, at one addition an
    /// element.
    case fold
    /// Normal probes over the pixels of all channels of a group, shared by samples: XConv's
    /// *multi-channel* mode. A sketch has `size` numbers of each sample and group; at the same bytes
    /// it errs as `gaussian` does and takes far more time. For comparison.
    case gaussianMultichannel = "gaussian-multichannel"
    /// As `gaussianMultichannel`, but each channel takes part in a few probes only: XConv's
    /// *orthogonal* mode. The published code scales by a constant even where a channel draws the same
    /// probe twice, and so shrinks the gradient; here the true number of probes enters.
    case orthogonal

    /// Whether a probe extends over channels too.
    package var mixesChannels: Bool {
      self == .gaussianMultichannel || self == .orthogonal
    }

    /// Whether each sample has random numbers of its own.
    package var drawsPerSample: Bool {
      switch self {
      case .gaussian, .rademacher, .gaussianMultichannel, .orthogonal: false
      case .gaussianPerSample, .rademacherPerSample, .fold: true
      }
    }
  }

  /// What is removed from a map before it is sketched, and carried exactly.
  ///
  /// Activations behind a ReLU have most of their energy in their mean, so a sketch of the rest
  /// errs much less.
  public enum Deflation: Hashable, Sendable {
    /// Nothing.
    case none
    /// The mean of each map: one number more for each sample and channel.
    case mean
    /// The means of so many rectangles that divide the map; as many numbers more.
    case tiles(Int)

    /// The number of rectangles asked for.
    package var count: Int {
      switch self {
      case .none: 0
      case .mean: 1
      case .tiles(let count): count
      }
    }
  }

  /// How the numbers of a sketch are held.
  public enum Storage: String, CaseIterable, Sendable {
    /// Four bytes a number.
    case float32
    /// 256 levels, one byte a number.
    ///
    /// Numbers are rounded to levels at random, so that the mean is kept, with two bytes for the
    /// distance of levels of each sample and channel; means that were removed take two bytes each.
    case int8
    /// Sixteen levels, half a byte a number: adds about 2 % to the error, but leaves room for twice the
    /// buckets.
    case int4
    /// Four levels, a quarter of a byte a number: adds about a half to the error, but leaves room for
    /// four times the buckets.
    case int2

    /// The bits of a number.
    package var bits: Int {
      switch self {
      case .float32: 32
      case .int8: 8
      case .int4: 4
      case .int2: 2
      }
    }
  }
}

extension SketchDescription {
  /// The description of another sketch of the same kind and size.
  init(_ other: SketchDescription, seed: UInt64) {
    self = other
    self.seed = seed
  }
}

extension SketchDescription.Deflation: CustomStringConvertible {
  /// As options spell it: `none`, `mean`, `tiles:4`.
  public var description: String {
    switch self {
    case .none: "none"
    case .mean: "mean"
    case .tiles(let count): "tiles:\(count)"
    }
  }
}

extension SketchDescription: CustomStringConvertible {
  /// As reports name it, without the seed: `gaussian:16`, `fold:120,deflate=mean,bits=4`.
  public var description: String {
    var text = "\(estimator.rawValue):\(size)"
    if deflation != .none { text += ",deflate=\(deflation)" }
    if storage != .float32 { text += ",bits=\(storage.bits)" }
    if usesMask { text += ",mask" }
    return text
  }
}

/// Why a sketch cannot be made as described.
public enum SketchError: Error, Hashable, CustomStringConvertible {
  /// The number of probes or buckets must be at least 1.
  case sizeBelowOne(Int)
  /// The number of tiles whose means are removed must be at least 1.
  case tilesBelowOne(Int)
  /// Probes over channels leave no map from which a mean could be removed.
  case plainEstimatorOnly(SketchDescription.Estimator)
  /// Only a fold can take what a mask tells from the map first.
  case maskWithoutFold(SketchDescription.Estimator)

  /// One sentence that says what was wrong and what would be right.
  public var description: String {
    switch self {
    case .sizeBelowOne(let size):
      "a sketch needs at least 1 probe or bucket, not \(size)"
    case .tilesBelowOne(let count):
      "the number of tiles whose means a sketch removes must be at least 1, not \(count)"
    case .plainEstimatorOnly(let estimator):
      "the estimator \(estimator.rawValue) takes neither deflation nor storage in less than float32"
    case .maskWithoutFold(let estimator):
      "a mask goes with the estimator fold, not with \(estimator.rawValue)"
    }
  }
}
