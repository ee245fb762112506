import Kernels

/// Times the directions of layers, in turn, together with the machine's limits.
///
/// Layers, directions and limits take turns in several rounds, so that other programs that slow the
/// machine for a while slow all of them.
public struct LayerBenchmark: Sendable {
  /// The layers.
  public let layers: [BenchmarkLayer]
  /// The directions.
  public let directions: [ConvolutionDirection]
  /// Runs the kernels.
  public let engine: Engine
  /// The seconds that each direction of each layer is timed for, over all rounds together.
  public let seconds: Double
  /// The seed of the numbers that are multiplied.
  public let seed: UInt64

  static let roundCount = 5
  /// Shorter passes are timed several at a time, or the clock would be what is measured.
  private static let shortestSampleSeconds = 50e-6

  /// Creates a benchmark; takes no memory yet.
  ///
  /// - Parameters:
  ///   - layers: The layers; at least one.
  ///   - directions: The directions.
  ///   - engine: Runs the kernels.
  ///   - seconds: The seconds that each direction of each layer is timed for; at least one pass a
  ///     round is timed however long it takes.
  ///   - seed: The seed of the numbers that are multiplied.
  public init(
    _ layers: [BenchmarkLayer], directions: [ConvolutionDirection], engine: Engine,
    seconds: Double, seed: UInt64
  ) {
    self.layers = layers
    self.directions = directions
    self.engine = engine
    self.seconds = seconds
    self.seed = seed
  }

  /// The number of timings of a run, which `progress` counts.
  public var visitCount: Int { Self.roundCount * layers.count * directions.count }

  /// The bytes that a run takes.
  public var byteCount: Int {
    let counts = LayerMemory.Counts(self)
    return counts.byteCount + 3 * MemoryLayout<Float>.stride
      * Roofline.triadCount(byteCount: largestTraffic)
  }

  private var largestTraffic: Int { layers.map(\.geometry.trafficByteCount).max() ?? 0 }

  /// Runs the benchmark.
  ///
  /// - Parameter progress: Is told after every timing how many of `visitCount` are done.
  /// - Returns: A timing for every direction of every layer, in order.
  public func run(progress: (Int) -> Void = { _ in }) -> [LayerTiming] {
    let memory = LayerMemory(self)
    let triadMemory = TriadMemory(byteCount: largestTraffic)
    var roofline = Roofline()
    var samples = layers.map { _ in directions.map { _ in [ElapsedSeconds]() } }
    var visits = 0
    for _ in 0..<Self.roundCount {
      roofline.measurePeak(engine)
      for (index, layer) in layers.enumerated() {
        roofline.measureTriad(
          engine, byteCount: layer.geometry.trafficByteCount, memory: triadMemory)
        for (position, direction) in directions.enumerated() {
          samples[index][position] += time(layer, direction, memory)
          visits += 1
          progress(visits)
        }
      }
    }
    return layers.enumerated().flatMap { index, layer in
      directions.enumerated().map { position, direction in
        LayerTiming(
          layer: layer, direction: direction, threadCount: engine.threadCount,
          instructionSet: engine.instructionSet, samples: samples[index][position],
          roofline: roofline)
      }
    }
  }

  /// Times a pass for one round: the seconds of one pass in each sample.
  private func time(
    _ layer: BenchmarkLayer, _ direction: ConvolutionDirection, _ memory: borrowing LayerMemory
  ) -> [ElapsedSeconds] {
    // The first pass brings weights and code into the caches.
    let first = Stopwatch()
    memory.run(layer.geometry, direction, engine)
    let passes = max(1, Int(Self.shortestSampleSeconds / max(first.seconds, 1e-7)))
    var samples: [ElapsedSeconds] = []
    let round = Stopwatch()
    repeat {
      let sample = Stopwatch()
      for _ in 0..<passes { memory.run(layer.geometry, direction, engine) }
      let elapsed = sample.elapsed
      samples.append(
        ElapsedSeconds(
          wall: elapsed.wall / Double(passes), processor: elapsed.processor / Double(passes)))
    } while round.seconds < seconds / Double(Self.roundCount)
    return samples
  }
}
