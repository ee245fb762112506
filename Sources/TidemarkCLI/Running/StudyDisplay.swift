import Reporting
import Tidemark

/// Shows on standard error how far a study is; its parts are the samples that trainings see.
struct StudyDisplay {
  private let study: AccuracyStudy
  private var reporter = ProgressReporter()
  private var sampleCount = 0
  private var isOpen: Bool

  /// Begins to show some trainings of a study.
  init(_ study: AccuracyStudy, cells: [AccuracyCell]) {
    self.study = study
    isOpen = !cells.isEmpty
    if isOpen {
      reporter.begin("images", total: cells.reduce(0) { $0 + study.sampleCount(of: $1) })
    }
  }

  /// Shows that a training has made so many steps.
  mutating func show(_ cell: AccuracyCell, step: Int) {
    let probes = cell.probeCount == 0 ? "" : " \(cell.probeCount)"
    reporter.update(
      sampleCount + step * cell.batchSize,
      detail: "\(cell.method)\(probes), batch \(cell.batchSize), seed \(cell.seed)")
  }

  /// Counts a training as done, however many steps it took.
  mutating func finish(_ cell: AccuracyCell) {
    sampleCount += study.sampleCount(of: cell)
  }

  /// Ends the line that is drawn over and over, if there is one.
  mutating func end() {
    guard isOpen else { return }
    reporter.end()
    isOpen = false
  }

  /// Ends the same line where trainings were left out.
  mutating func interrupt() {
    guard isOpen else { return }
    reporter.interrupt()
    isOpen = false
  }
}
