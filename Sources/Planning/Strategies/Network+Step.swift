import Files
import Networks
import Schedules

extension Network {
  /// The most samples of a step.
  private static let largestBatch = 1_000_000
  /// The most threads that scratch is booked for.
  private static let mostThreads = 4096

  /// Requires that a step can be scheduled: the one place that checks what a schedule is asked for.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples that run at once.
  ///   - threadCount: The number of threads that scratch is booked for.
  /// - Throws: `ScheduleError` if either is out of range, or if the network's sizes for such a batch
  ///   cannot be counted.
  func requireStep(batchSize: Int, threadCount: Int) throws(ScheduleError) {
    guard (1...Self.largestBatch).contains(batchSize) else {
      throw ScheduleError(
        "a step of \(name) has from 1 to \(Self.largestBatch) samples, not \(batchSize)")
    }
    guard (1...Self.mostThreads).contains(threadCount) else {
      throw ScheduleError(
        "a step of \(name) runs on 1 to \(Self.mostThreads) threads, not on \(threadCount)")
    }
    do throws(NetworkError) {
      try requireCountable(batchSize: batchSize)
    } catch {
      throw ScheduleError("\(error)")
    }
  }

  /// Requires something to train.
  ///
  /// - Throws: `ScheduleError` if there is no loss.
  func requireLosses() throws(ScheduleError) {
    guard losses.isEmpty else { return }
    throw ScheduleError(
      "\(name) has no loss to train; give it one with adding(_:to:), or run it in inference")
  }

  /// Requires that a step can be scheduled and that all layers learn from it.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples that run at once.
  ///   - threadCount: The number of threads that scratch is booked for.
  /// - Throws: `ScheduleError`; of the category `badData` if a layer would learn nothing.
  func requireTrainingStep(batchSize: Int, threadCount: Int) throws(ScheduleError) {
    try requireStep(batchSize: batchSize, threadCount: threadCount)
    do throws(NetworkError) {
      try requireTrainable(batchSize: batchSize)
    } catch {
      throw ScheduleError("\(error)", category: .badData)
    }
  }
}
