import Execution
import Kernels
import MemoryLedger
import Networks
import Planning
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
  /// - Throws: What `Trainer` throws.
  public static func measured(
    for network: Network, batchSize: Int, rates: MachineRates, engine: Engine
  ) throws -> PassTimings? {
    let step = try TrialBatch.step(for: network, batchSize: batchSize, engine: engine)
    guard let step else { return nil }
    let trainer = try Trainer(
      step: step, engine: engine, optimizer: .sgd(), ledger: Ledger(for: network), seed: 0)
    trainer.batch.fillWithMadeUpImages(for: network)
    var fastest = try trainer.computeGradients().actionSeconds
    for _ in 1..<runCount {
      fastest = zip(fastest, try trainer.computeGradients().actionSeconds).map(min)
    }
    return PassTimings(
      trainer.trainingStep, actionSeconds: fastest, rates: rates, codec: codecSeconds(engine))
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
