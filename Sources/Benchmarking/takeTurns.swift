import Calibration

/// Runs rounds in which each of several is timed once, so that whatever slows the machine for a while
/// slows all of them.
///
/// Every other round goes backwards, so that none always finds the caches as the same other left them.
///
/// - Parameters:
///   - count: How many take turns.
///   - seconds: The seconds that rounds are begun for.
///   - leastRoundCount: The least number of rounds, however long they take.
///   - turn: Times the one with a number below `count`.
func takeTurns(
  _ count: Int, seconds: Double, leastRoundCount: Int, _ turn: (Int) throws -> Void
) rethrows {
  let watch = Stopwatch()
  var rounds = 0
  while watch.seconds < seconds || rounds < leastRoundCount {
    for place in 0..<count {
      try turn(rounds.isMultiple(of: 2) ? place : count - 1 - place)
    }
    rounds += 1
  }
}
