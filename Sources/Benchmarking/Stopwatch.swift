import Glibc

/// Seconds by two clocks.
public struct ElapsedSeconds: Sendable {
  /// The seconds that went by.
  public let wall: Double
  /// The processor time of all threads of this process together.
  public let processor: Double
}

/// Measures seconds.
struct Stopwatch {
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let processorStart: Double

  /// Starts.
  init() {
    processorStart = Self.processorSeconds
    start = clock.now
  }

  /// The seconds that went by since the start.
  var seconds: Double { (clock.now - start) / .seconds(1) }

  /// The seconds since the start by both clocks.
  var elapsed: ElapsedSeconds {
    let wall = seconds
    return ElapsedSeconds(wall: wall, processor: Self.processorSeconds - processorStart)
  }

  private static var processorSeconds: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
