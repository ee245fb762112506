import Kernels
import Networks
import Schedules

extension MachineRates {
  /// The seconds that each of the two rates is measured for.
  private static let seconds = 0.03

  /// How fast an engine runs a network's heaviest convolution for one sample, all directions
  /// together, and a triad over as many bytes; nil if the network has no convolution or linear layer.
  ///
  /// Takes some tenths of a second and the memory of that layer.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - engine: Runs the kernels.
  /// - Returns: The rates.
  /// - Throws: `BenchmarkError` if the layer is too large to be timed.
  public static func measured(
    for network: Network, engine: Engine
  ) throws(BenchmarkError) -> MachineRates? {
    let layers = try BenchmarkLayer.layers(of: network, batchSize: 1)
    let heaviest = layers.max {
      $0.geometry.floatingPointOperations < $1.geometry.floatingPointOperations
    }
    guard let heaviest else { return nil }
    let timings = LayerBenchmark(
      [heaviest], directions: ConvolutionDirection.allCases, engine: engine, seconds: seconds,
      seed: 0
    ).run()
    let operations = timings.reduce(0) { $0 + $1.layer.geometry.floatingPointOperations }
    let passSeconds = timings.reduce(0) { $0 + $1.medianSeconds }
    let triad = timings.first?.roofline.triadGigabytesPerSecond.values.max() ?? 0
    guard passSeconds > 0, triad > 0 else { return nil }
    return MachineRates(
      operationsPerSecond: Double(operations) / passSeconds, bytesPerSecond: triad * 1e9)
  }
}
