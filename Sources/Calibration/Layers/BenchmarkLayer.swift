import Kernels

/// A convolution that is timed: a name and a geometry.
public struct BenchmarkLayer: Hashable, Sendable {
  /// What it is called in tables.
  public let name: String
  /// What is computed.
  public let geometry: ConvolutionGeometry

  /// Creates a layer.
  public init(name: String, geometry: ConvolutionGeometry) {
    self.name = name
    self.geometry = geometry
  }
}

extension ConvolutionDirection {
  /// The short name that the command line and `bench.csv` use: `forward`, `data` or `weights`.
  public var shortName: String {
    switch self {
    case .forward: "forward"
    case .backwardData: "data"
    case .backwardWeights: "weights"
    }
  }

  /// The direction of a short name.
  ///
  /// - Throws: `BenchmarkError` if the name is none.
  public init(shortName: String) throws(BenchmarkError) {
    guard let direction = Self.allCases.first(where: { $0.shortName == shortName }) else {
      let names = Self.allCases.map(\.shortName).joined(separator: ", ")
      throw BenchmarkError("there is no direction '\(shortName)'; there are \(names)")
    }
    self = direction
  }
}

extension ConvolutionGeometry {
  /// The bytes that a pass must move at least, in any direction: both maps and the weights, each
  /// read or written once.
  public var trafficByteCount: Int {
    (inputCount + outputCount + weightCount) * MemoryLayout<Float>.stride
  }
}
