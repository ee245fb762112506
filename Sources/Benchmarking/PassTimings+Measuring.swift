import Comparisons
import Kernels
import MemoryLedger
import Networks
import Schedules
import Training

extension PassTimings {
  /// About how long each of the runs may take, and how many there are, the fastest of which counts.
  private static let runSeconds = 0.1
  private static let runCount = 3
  /// The most memory that is taken; what needs more is not measured.
  private static let mostByteCount = 512 << 20
  /// The numbers that codecs are timed on: more than a processor's own caches hold.
  private static let codecCount = 1 << 20

  /// How long an engine takes for each pass of a network, with some of a batch's samples.
  ///
  /// Runs steps of full storage on made-up images, in a fraction of a second and at most 512 MiB.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The most samples.
  ///   - rates: How fast the engine about is: from it follows how many samples run.
  ///   - engine: Runs the kernels.
  /// - Returns: The times; nil if the network is too large.
  /// - Throws: What `StrategyRun` throws.
  public static func measured(
    for network: Network, batchSize: Int, rates: MachineRates, engine: Engine
  ) throws -> PassTimings? {
    func schedule(_ count: Int) throws(ScheduleError) -> Schedule {
      try .training(
        network, strategy: .full, batchSize: count, threadCount: engine.threadCount)
    }
    let stateCount = ComparisonSettings().optimizer.stateCount
    func takesTooMuch(_ schedule: Schedule) -> Bool {
      let baseline = BaselineMemory(
        network: network, batchSize: schedule.batchSize,
        optimizerStateCount: stateCount)
      return Forecast(schedule, baseline: baseline).peakByteCount > mostByteCount
    }
    let each = StepCosts(network, batchSize: 1, rates: rates).seconds(of: try schedule(1))
    var count = min(batchSize, max(engine.threadCount, Int(runSeconds / each)))
    while count > 1, takesTooMuch(try schedule(count)) { count /= 2 }
    guard !takesTooMuch(try schedule(count)) else { return nil }

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
