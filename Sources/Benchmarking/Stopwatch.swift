/// Measures seconds.
struct Stopwatch {
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// Starts.
  init() {
    start = clock.now
  }

  /// The seconds since the start.
  var seconds: Double { (clock.now - start) / .seconds(1) }
}
