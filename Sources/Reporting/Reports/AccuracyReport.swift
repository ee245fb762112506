import Files
import MemoryLedger
import Networks
import Studies
import Training

/// What the study of accuracy came to: `accuracy.csv`, charts, a table.
package struct AccuracyReport: Sendable {
  private static let columns = [
    "model", "dataset", "training", "method", "probes", "batch_size", "seed", "steps", "diverged",
    "test_accuracy", "saved_bytes", "peak_bytes", "seconds",
  ]

  private let model: String
  private let dataset: String
  private let training: String
  /// The trainings that are done, in the order in which they were.
  package private(set) var outcomes: [AccuracyOutcome] = []

  /// An empty report for a study.
  package init(_ study: AccuracyStudy) {
    model = study.network.name
    dataset = study.data.name
    training = study.settings.description
  }

  /// The names of the charts for batch sizes.
  package static func chartNames(_ batchSizes: [Int]) -> [String] {
    batchSizes.map { "accuracy-\($0).svg" }
  }

  /// Adds a training that is done.
  package mutating func append(_ outcome: AccuracyOutcome) {
    outcomes.append(outcome)
  }

  /// One row a training.
  package var csv: CSVTable {
    var table = CSVTable(columns: Self.columns)
    for outcome in outcomes {
      let cell = outcome.cell
      table.append([
        .text(model), .text(dataset), .text(training), .text(cell.method.rawValue),
        .integer(cell.probeCount), .integer(cell.batchSize), .integer(Int(cell.seed)),
        .integer(outcome.stepCount), .bool(outcome.hasDiverged), .number(outcome.testAccuracy),
        .integer(outcome.savedByteCount), .integer(outcome.peakByteCount),
        .number(outcome.seconds),
      ])
    }
    return table
  }

  /// Takes over the trainings of a file that an interrupted study wrote.
  ///
  /// - Throws: `FileFailure` or `CSVError`, also if the file is that of another study.
  package mutating func read(_ path: String) throws {
    let file = try CSVRows(path: path)
    guard file.columns == Self.columns else {
      throw CSVError(path: path, reason: "is not a file of accuracies that a study wrote")
    }
    for (index, row) in file.rows.enumerated() {
      for (found, expected) in zip(row, [model, dataset, training]) where found != expected {
        throw CSVError(
          path: path,
          reason: "belongs to a study with '\(found)', not '\(expected)'; choose another --output")
      }
      guard let outcome = AccuracyOutcome(fields: row) else {
        throw CSVError(path: path, reason: "has a field in line \(index + 2) that is no number")
      }
      outcomes.append(outcome)
    }
  }
}

extension AccuracyOutcome {
  /// An outcome from the fields of its row; nil if one cannot be read.
  fileprivate init?(fields: [String]) {
    guard let method = StudyMethod(rawValue: fields[3]), let probeCount = Int(fields[4]),
      let batchSize = Int(fields[5]), let seed = UInt64(fields[6]), let stepCount = Int(fields[7]),
      let hasDiverged = Bool(fields[8]), let testAccuracy = Double(fields[9]),
      let savedByteCount = Int(fields[10]), let peakByteCount = Int(fields[11]),
      let seconds = Double(fields[12])
    else { return nil }
    self.init(
      cell: AccuracyCell(
        method: method, probeCount: probeCount, batchSize: batchSize, seed: seed),
      stepCount: stepCount, hasDiverged: hasDiverged, testAccuracy: testAccuracy,
      savedByteCount: savedByteCount, peakByteCount: peakByteCount, seconds: seconds)
  }
}

// MARK: - For people

extension AccuracyReport {
  private func spread(_ method: StudyMethod, _ probeCount: Int, _ batchSize: Int) -> Spread? {
    let values = outcomes.filter {
      $0.cell.method == method && $0.cell.probeCount == probeCount
        && $0.cell.batchSize == batchSize
    }.map(\.testAccuracy)
    return values.isEmpty ? nil : Spread(values)
  }

  private var batchSizes: [Int] { Set(outcomes.map(\.cell.batchSize)).sorted() }

  private var probeCounts: [Int] {
    Set(outcomes.map(\.cell.probeCount)).subtracting([0]).sorted()
  }

  /// Mean and standard deviation over the seeds of the test accuracy, in per cent: a row for each
  /// method and number of probes, a column for each batch size.
  package var table: ReportTable {
    var table = ReportTable(
      columns: [.init("method", alignment: .left), .init("probes")]
        + batchSizes.map { .init("B = \($0)") })
    for method in StudyMethod.allCases {
      for probeCount in method == .exact ? [0] : probeCounts {
        table.append(
          [.init(method.rawValue), .init(probeCount == 0 ? "" : "\(probeCount)")]
            + batchSizes.map { batchSize in
              guard let spread = spread(method, probeCount, batchSize) else { return .init("") }
              return .init(
                NumberFormat.fixed(100 * spread.mean, decimals: 1) + " ± "
                  + NumberFormat.fixed(100 * spread.standardDeviation, decimals: 1))
            })
      }
    }
    return table
  }

  /// For each batch size, the mean accuracy by the number of probes, and its standard deviation over
  /// the seeds.
  package var charts: [(name: String, chart: Chart)] {
    zip(batchSizes, Self.chartNames(batchSizes)).map { batchSize, name in
      let series = [StudyMethod.published, .ours].map { method in
        Chart.Series(
          "\(method)",
          points: probeCounts.compactMap { probeCount in
            spread(method, probeCount, batchSize).map {
              Chart.Point(
                x: Double(probeCount), y: 100 * $0.mean, deviation: 100 * $0.standardDeviation)
            }
          })
      }
      let level = spread(.exact, 0, batchSize).map {
        Chart.Level("exact", y: 100 * $0.mean, deviation: 100 * $0.standardDeviation)
      }
      return (
        name,
        Chart(
          title: "\(model) on \(dataset), batch size \(batchSize)", style: .lines,
          xAxis: ChartAxis("probes, or as many bytes", spacing: .powersOfTwo),
          yAxis: ChartAxis("test accuracy ± deviation [%]", spacing: .fromSmallest), series: series,
          levels: level.map { [$0] } ?? [])
      )
    }
  }
}
