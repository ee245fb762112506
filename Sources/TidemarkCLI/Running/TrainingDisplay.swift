import Reporting
import Tidemark

/// Shows on standard error how far a training is.
struct TrainingDisplay {
  private let epochCount: Int
  private let noun: String
  private let peakByteCount: Int
  private var reporter = ProgressReporter()
  private var isOpen = false

  /// Prepares to show a training.
  init(_ session: TrainingSession) {
    epochCount = session.settings.epochCount
    noun = session.data.sampleNoun
    peakByteCount = session.trainer.forecast.peakByteCount
  }

  /// Shows a step, or the line that stays of an epoch.
  mutating func show(_ progress: TrainingSession.Progress) {
    switch progress {
    case .step(let epoch, let done, let total, let score, let samplesPerSecond):
      begin(epoch, total: total, from: done - 1)
      reporter.update(
        done,
        detail: TrainingReport.words(
          score, samplesPerSecond: samplesPerSecond, noun: noun, peakByteCount: peakByteCount))
    case .testing(let epoch):
      begin(epoch, total: 1, from: 0)
    case .epoch(let metrics):
      reporter.end(detail: TrainingReport.line(metrics, noun: noun))
      isOpen = false
    }
  }

  /// Says of the epoch that is under way, if there is one, that an error ended it.
  mutating func stop(_ error: any Error) {
    guard isOpen else { return }
    reporter.stop(error)
    isOpen = false
  }

  private mutating func begin(_ epoch: Int, total: Int, from done: Int) {
    guard !isOpen else { return }
    reporter.begin("epoch \(epoch)/\(epochCount)", total: total, from: done)
    isOpen = true
  }
}
