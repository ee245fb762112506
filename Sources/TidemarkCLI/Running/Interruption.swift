import Glibc
import Synchronization

/// Signals that ask the process to end, noticed when it is ready to instead of at once.
enum Interruption {
  /// The number of the signal that came; 0 if none has.
  private static let received = Atomic<Int32>(0)

  /// Whether the process was asked to end.
  static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// From now on Ctrl-C and `kill` ask instead of ending the process.
  static func postpone() {
    // The first access creates the variable, which a signal handler must not do.
    _ = isRequested
    for number in [SIGINT, SIGTERM] {
      signal(number) { Interruption.received.store($0, ordering: .relaxed) }
    }
  }

  /// Ends the process by the signal that came, so that its parent sees why.
  static func end() -> Never {
    let number = received.load(ordering: .relaxed)
    signal(number, SIG_DFL)
    raise(number)
    // A process that blocks the signal gets here: shells report signals so.
    exit(128 + number)
  }
}
