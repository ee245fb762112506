import Reporting
import Tidemark

/// What a study still has to do, about how long that will take, and the doing, which standard error
/// shows.
///
/// Parts of a study differ a thousandfold in what they take, so what is left is measured in the time
/// that it was forecast to take.
struct StudyWork {
  private let study: AccuracyStudy
  private let errorStudy: ErrorStudy
  private let cells: [AccuracyCell]
  private let errorCells: [ErrorCell]
  /// Seconds by training, those that differ in their seed alone being one.
  private var seconds: [AccuracyCell: Double] = [:]
  /// Seconds by error.
  private var errorSeconds: [ErrorCell: Double] = [:]
  private var errorTrainingSeconds = 0.0

  /// Finds out what is left to do, and tries each kind of it.
  ///
  /// - Throws: `StepError.interrupted` if the process was asked to end, and what `Trainer` throws.
  init(
    _ study: AccuracyStudy, _ errorStudy: ErrorStudy, done: Set<AccuracyCell>,
    doneErrors: Set<ErrorCell>
  ) throws {
    self.study = study
    self.errorStudy = errorStudy
    cells = study.cells.filter { !done.contains($0) }
    errorCells = errorStudy.cells.filter { !doneErrors.contains($0) }
    for kind in Set(cells.map(Self.kind)) {
      guard !Interruption.isRequested else { throw StepError.interrupted }
      seconds[kind] = try study.estimatedSeconds(of: kind)
    }
    guard !errorCells.isEmpty else { return }
    errorTrainingSeconds = try errorStudy.estimatedTrainingSeconds()
    for cell in errorCells {
      guard !Interruption.isRequested else { throw StepError.interrupted }
      errorSeconds[cell] = try errorStudy.estimatedSeconds(of: cell)
    }
  }

  private static func kind(_ cell: AccuracyCell) -> AccuracyCell {
    AccuracyCell(
      method: cell.method, probeCount: cell.probeCount, batchSize: cell.batchSize, seed: 0)
  }

  private func seconds(of cell: AccuracyCell) -> Double { seconds[Self.kind(cell)] ?? 0 }

  private var trainingSeconds: Double { cells.reduce(0) { $0 + seconds(of: $1) } }

  private var allErrorSeconds: Double {
    errorTrainingSeconds + errorCells.reduce(0) { $0 + (errorSeconds[$1] ?? 0) }
  }

  /// What there is to do, and about how long each of it will take; nil if nothing is left.
  var duration: String? {
    var parts: [String] = []
    if !cells.isEmpty {
      parts.append(
        "\(cells.count) of \(study.cells.count) trainings to make: about "
          + NumberFormat.seconds(trainingSeconds))
    }
    if !errorCells.isEmpty {
      parts.append(
        "\(errorCells.count) of \(errorStudy.cells.count) errors of gradients to measure, after "
          + "\(errorStudy.trainingStepCount) steps of training: about "
          + NumberFormat.seconds(allErrorSeconds))
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ") + "."
  }

  /// Does it.
  ///
  /// - Parameters:
  ///   - trained: Is given what every training came to.
  ///   - foundError: Is given every error when it is known.
  /// - Throws: `StepError.interrupted` if the process was asked to end, what the studies throw, and
  ///   what either closure throws.
  func run(
    trained: (AccuracyOutcome) throws -> Void, foundError: (ErrorPoint) throws -> Void
  ) throws {
    try show("trainings, per cent of time", cells.isEmpty, trainingSeconds) { progress in
      for cell in cells {
        let share = seconds(of: cell) / Double(study.stepCount(of: cell))
        let outcome = try study.run(cell, shouldStop: { Interruption.isRequested }) {
          progress.show(Double($0) * share, words(cell))
        }
        progress.finish(seconds(of: cell))
        try trained(outcome)
      }
    }
    try show("errors of gradients, per cent of time", errorCells.isEmpty, allErrorSeconds) {
      progress in
      let share = errorTrainingSeconds / Double(errorStudy.trainingStepCount)
      var isTrained = false
      try errorStudy.run(errorCells, shouldStop: { Interruption.isRequested }) {
        progress.show(Double($0) * share, "training")
      } found: { point in
        if !isTrained { progress.finish(errorTrainingSeconds) }
        isTrained = true
        progress.finish(errorSeconds[point.cell] ?? 0)
        progress.show(0, point.strategy)
        try foundError(point)
      }
    }
  }

  private func words(_ cell: AccuracyCell) -> String {
    let probes = cell.probeCount == 0 ? "" : " \(cell.probeCount)"
    return "\(cell.method)\(probes), batch \(cell.batchSize), seed \(cell.seed)"
  }

  /// Shows how far a task is, unless it is empty; ends the line also where the task is ended.
  private func show(
    _ task: String, _ isEmpty: Bool, _ seconds: Double,
    _ body: (inout StudyProgress) throws -> Void
  ) throws {
    guard !isEmpty else { return }
    var progress = StudyProgress(task, seconds: seconds)
    do {
      try body(&progress)
      progress.reporter.end()
    } catch {
      progress.reporter.stop(error)
      throw error
    }
  }
}

/// How much of the time that was forecast is behind.
private struct StudyProgress {
  var reporter = ProgressReporter()
  private let seconds: Double
  private var done = 0.0

  init(_ task: String, seconds: Double) {
    self.seconds = seconds
    reporter.begin(task, total: 100)
  }

  /// Shows what is done, `more` seconds of the part that is under way included.
  mutating func show(_ more: Double, _ detail: String) {
    reporter.update(Int(100 * (done + more) / seconds), detail: detail)
  }

  /// Counts a part as done, however long it took.
  mutating func finish(_ seconds: Double) { done += seconds }
}
