import Kernels
import Networks
import Planning

extension MachineRates {
  /// The seconds that each of the two rates is measured for.
  private static let seconds = 0.03
  /// The most samples of the layer that is timed, and the most elements of their maps.
  private static let mostSamples = 16
  private static let mostElements = 1 << 22

  /// How fast an engine runs a network's heaviest convolution for some samples, all directions
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
    let heaviest = layers.indices.max {
      layers[$0].geometry.floatingPointOperations < layers[$1].geometry.floatingPointOperations
    }
    guard let heaviest else { return nil }
    let geometry = layers[heaviest].geometry
    // A small map alone would measure how weights are packed.
    let sampleCount = max(
      1, min(mostSamples, mostElements / max(geometry.inputCount, geometry.outputCount)))
    let layer = try BenchmarkLayer.layers(of: network, batchSize: sampleCount)[heaviest]
    let timings = LayerBenchmark(
      [layer], directions: ConvolutionDirection.allCases, engine: engine, seconds: seconds,
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
