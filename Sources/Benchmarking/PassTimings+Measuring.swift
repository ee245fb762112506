import Comparisons
import Kernels
import Networks
import Schedules
import Training

extension PassTimings {
  /// How often a step runs; the fastest run of each pass counts.
  private static let runCount = 3
  /// The numbers that codecs are timed on: more than a processor's own caches hold.
  private static let codecCount = 1 << 20

  /// How long an engine takes for each pass of a network, with some of a batch's samples.
  ///
  /// Runs steps of full storage on made-up images, in a fraction of a second and at most 512 MiB.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The most samples.
  ///   - rates: The rates for passes that are not timed alone.
  ///   - engine: Runs the kernels.
  /// - Returns: The times; nil if the network is too large.
  /// - Throws: What `StrategyRun` throws.
  public static func measured(
    for network: Network, batchSize: Int, rates: MachineRates, engine: Engine
  ) throws -> PassTimings? {
    let count = try TrialBatch.sampleCount(
      for: network, batchSize: batchSize, engine: engine)
    guard let count else { return nil }
    let run = try StrategyRun(
      network, strategy: .full, settings: ComparisonSettings(batchSize: count), engine: engine)
    run.trainer.batch.fillWithMadeUpImages(for: network)
    for _ in 0..<runCount { try run.step() }
    return PassTimings(
      run.trainer.schedule, actionSeconds: run.actionSeconds, rates: rates,
      codec: codecSeconds(engine))
  }

  /// The seconds of writing and of rebuilding one number of so many bits.
  private static func codecSeconds(
    _ engine: Engine
  ) -> [Quantization.Bits: (encoding: Double, decoding: Double)] {
    let values = AlignedFloats(count: codecCount, seed: 1)
    let stored = AlignedFloats(count: codecCount, seed: 2)
    let raw = unsafe UnsafeMutableRawPointer(stored.start)
    var found: [Quantization.Bits: (encoding: Double, decoding: Double)] = [:]
    for bits in Quantization.Bits.allCases {
      let quantization = Quantization(bits: bits, seed: 1)
      var best = (encoding: Double.infinity, decoding: Double.infinity)
      for _ in 0..<runCount {
        let encoding = Stopwatch()
        unsafe engine.quantize(quantization, values.start, count: codecCount, into: raw)
        best.encoding = min(best.encoding, encoding.seconds / Double(codecCount))
        let decoding = Stopwatch()
        unsafe engine.dequantize(quantization, raw, count: codecCount, into: values.start)
        best.decoding = min(best.decoding, decoding.seconds / Double(codecCount))
      }
      found[bits] = best
    }
    return found
  }
}
