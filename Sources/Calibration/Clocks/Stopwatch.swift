import Glibc

/// Seconds by two clocks.
public struct ElapsedSeconds: Sendable {
  /// The seconds that went by.
  public let wall: Double
  /// The processor time of the calling thread, which does a share of all work and waits awake for the
  /// threads that do the others: what a thread takes when no other program runs.
  ///
  /// That of the whole process would count the other threads in ticks of some milliseconds.
  public let processor: Double

  package static let zero = ElapsedSeconds(wall: 0, processor: 0)

  package static func + (first: Self, second: Self) -> Self {
    ElapsedSeconds(
      wall: first.wall + second.wall, processor: first.processor + second.processor)
  }
}

/// Measures seconds, on one thread.
package struct Stopwatch {
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let processorStart: Double

  /// Starts.
  package init() {
    processorStart = Self.processorSeconds
    start = clock.now
  }

  /// The seconds that went by since the start.
  package var seconds: Double { (clock.now - start) / .seconds(1) }

  /// The seconds since the start by both clocks.
  package var elapsed: ElapsedSeconds {
    let wall = seconds
    return ElapsedSeconds(wall: wall, processor: Self.processorSeconds - processorStart)
  }

  private static var processorSeconds: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
