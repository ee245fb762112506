import Planning

/// A way of computing weight gradients whose effect on training is studied.
public enum StudyMethod: String, CaseIterable, Sendable {
  /// Full storage.
  case exact
  /// The published estimator: dense Gaussian probes, held as floats.
  case published
  /// The default of `trace`, at the bytes of as many probes.
  case ours

  /// The strategy with so many probes, which the exact method does not take.
  func strategy(probeCount: Int) throws -> Strategy {
    switch self {
    case .exact: .full
    case .published: try Strategy(parsing: "trace:\(probeCount),estimator=gaussian")
    case .ours: try Strategy(parsing: "trace:\(probeCount)")
    }
  }
}
