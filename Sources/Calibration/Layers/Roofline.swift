import Kernels

/// What the machine can do at most, with one engine: its arithmetic and its memory.
///
/// A layer's limit is the lower of two: the peak rate of arithmetic, and what arithmetic the rate of
/// memory allows (Williams, Waterman and Patterson 2009, "Roofline"). The rate of memory is that of
/// a triad a + s·b over as many bytes as the layer moves, since a layer that fits a cache is not
/// bound by main memory. Both are the fastest of all samples: a limit is what can be reached.
public struct Roofline: Sendable {
  /// The peak rate of multiplications and additions, in GFLOP/s; 0 before it is measured.
  public private(set) var peakGigaFLOPs: Double
  /// The rate of a triad in GB/s, by the bytes of its three arrays together.
  public private(set) var triadGigabytesPerSecond: [Int: Double]

  /// The time of one sample: short enough to fall between the work of other programs.
  private static let sampleSeconds = 2e-3
  private static let samplesPerRound = 5
  /// Arrays below this would measure how fast threads start.
  private static let smallestTriadCount = 4096

  /// A roofline of known rates, or one that is not measured yet.
  public init(peakGigaFLOPs: Double = 0, triadGigabytesPerSecond: [Int: Double] = [:]) {
    self.peakGigaFLOPs = peakGigaFLOPs
    self.triadGigabytesPerSecond = triadGigabytesPerSecond
  }

  /// The floats of each of the three arrays of a triad over so many bytes.
  static func triadCount(byteCount: Int) -> Int {
    max(smallestTriadCount, byteCount / (3 * MemoryLayout<Float>.stride))
  }

  /// The limit of a convolution in GFLOP/s; its traffic must have been measured.
  public func limitGigaFLOPs(of geometry: ConvolutionGeometry) -> Double {
    let bytes = geometry.trafficByteCount
    let intensity = Double(geometry.floatingPointOperations) / Double(bytes)
    return min(peakGigaFLOPs, intensity * (triadGigabytesPerSecond[bytes] ?? .infinity))
  }

  /// Takes samples of the peak rate of arithmetic.
  mutating func measurePeak(_ engine: Engine) {
    peakGigaFLOPs = max(
      peakGigaFLOPs, Self.fastestRate { engine.multiplyInRegisters(rounds: 10_000 * $0) })
  }

  /// Takes samples of the rate of memory over `byteCount` bytes.
  mutating func measureTriad(_ engine: Engine, byteCount: Int, memory: borrowing TriadMemory) {
    let count = Self.triadCount(byteCount: byteCount)
    let rate = Self.fastestRate { sweeps in
      unsafe engine.triad(
        memory.a.start, memory.b.start, scale: 0.5, into: memory.destination.start,
        count: count, sweeps: sweeps)
    }
    triadGigabytesPerSecond[byteCount] = max(triadGigabytesPerSecond[byteCount] ?? 0, rate)
  }

  /// The fastest of several samples of `work`, in units of 10⁹ a second.
  ///
  /// - Parameter work: Does some work so many times over and returns how much it was.
  /// - Returns: The rate.
  private static func fastestRate(_ work: (_ repetitions: Int) -> Int) -> Double {
    let trial = Stopwatch()
    _ = work(1)
    let repetitions = max(1, Int(sampleSeconds / max(trial.seconds, 1e-7)))
    var fastest = 0.0
    for _ in 0..<samplesPerRound {
      let watch = Stopwatch()
      let amount = work(repetitions)
      fastest = max(fastest, Double(amount) / watch.seconds / 1e9)
    }
    return fastest
  }
}

/// The three arrays of a triad.
struct TriadMemory: ~Copyable {
  let a: AlignedFloats
  let b: AlignedFloats
  let destination: AlignedFloats

  /// Takes memory for triads over at most `byteCount` bytes.
  init(byteCount: Int) {
    let count = Roofline.triadCount(byteCount: byteCount)
    a = AlignedFloats(count: count, seed: 1)
    b = AlignedFloats(count: count, seed: 2)
    destination = AlignedFloats(count: count, seed: 3)
  }
}
