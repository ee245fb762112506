import Training

extension TrainingLoop {
  /// What a step takes, from three of them.
  ///
  /// - Throws: `StepError` if one of them came to nothing.
  func secondsPerStep() throws -> Double {
    // The first step finds nothing in the caches.
    _ = try step()
    let before = seconds
    for _ in 0..<2 { _ = try step() }
    return (seconds - before) / 2
  }
}
