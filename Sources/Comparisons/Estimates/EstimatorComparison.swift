import Execution
import Glibc
import Kernels
import Networks
import Planning

/// The default of `trace` beside the published estimator, at the bytes of as many float probes.
public struct EstimatorComparison: Sendable {
  /// One layer under one number of probes.
  public struct Row: Sendable {
    /// The number of float probes whose bytes both may take.
    public let probeCount: Int
    /// The published estimator: dense Gaussian probes.
    public let published: LayerGradientError
    /// The default.
    public let proposed: LayerGradientError

    /// How many times smaller the squared error of the default is.
    public var gain: Double { published.squaredError / proposed.squaredError }
  }

  /// The layers, by number of probes and in the network's order; those that stay whole are left out.
  public let rows: [Row]

  /// Compares.
  ///
  /// - Parameters:
  ///   - errors: Measures errors on a network's state.
  ///   - probeCounts: The numbers of probes.
  ///   - fill: Fills the batch of a number with samples.
  /// - Throws: What `GradientErrors.measure` throws; `TraceError` for a number below 1.
  public init(
    _ errors: GradientErrors, probeCounts: [Int],
    fill: (_ batch: BatchMemory, _ number: Int) -> Void
  ) throws {
    let strategies = try probeCounts.flatMap { count in
      [
        Strategy(approximation: .trace(try Trace(.probes(count), estimator: .gaussian))),
        Strategy(approximation: .trace(try Trace(.probes(count)))),
      ]
    }
    let measured = try errors.measure(strategies, fill: fill)
    rows = probeCounts.indices.flatMap { index in
      let proposed = measured[2 * index + 1]
      return measured[2 * index].compactMap { published in
        proposed.first { $0.node == published.node }.map {
          Row(probeCount: probeCounts[index], published: published, proposed: $0)
        }
      }
    }
  }

  /// The geometric mean over layers of how many times smaller the squared error is; nil where every
  /// layer stays whole.
  public func meanGain(probeCount: Int) -> Double? {
    let gains = rows.filter { $0.probeCount == probeCount }.map(\.gain)
    return gains.isEmpty
      ? nil : exp(gains.reduce(0) { $0 + log($1) } / Double(gains.count))
  }
}
