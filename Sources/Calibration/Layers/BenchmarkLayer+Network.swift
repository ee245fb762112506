import Kernels
import Networks

extension BenchmarkLayer {
  /// The convolutions and linear layers of a network that differ in geometry, in network order.
  ///
  /// Each is named after the network and the first node that has the geometry.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples.
  /// - Returns: The layers.
  /// - Throws: `BenchmarkError` if the batch is too large.
  public static func layers(
    of network: Network, batchSize: Int
  ) throws(BenchmarkError) -> [BenchmarkLayer] {
    var seen = Set<ConvolutionGeometry>()
    var layers: [BenchmarkLayer] = []
    for node in network.nodes {
      let name = "\(network.name).\(node.name)"
      let geometry: ConvolutionGeometry?
      do throws(ShapeError) {
        geometry = try node.convolutionGeometry(batchSize: batchSize)
      } catch {
        throw BenchmarkError("the layer '\(name)' cannot be: \(error.reason)")
      }
      guard let geometry, seen.insert(geometry).inserted else { continue }
      try requireCountable(geometry, named: name)
      layers.append(BenchmarkLayer(name: name, geometry: geometry))
    }
    return layers
  }
}
