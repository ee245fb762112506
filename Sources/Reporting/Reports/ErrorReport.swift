import MemoryLedger
import Networks
import Studies
import Training

/// Errors of gradients against the bytes that are kept: `errors.csv`, a chart, a table.
package struct ErrorReport: Sendable {
  private static let columns = [
    "model", "dataset", "training", "batch_size", "method", "strategy", "saved_bytes",
    "compression", "activation_peak_bytes", "gradient_relative_error",
  ]

  private let model: String
  private let dataset: String
  private let training: String
  private let batchSize: Int
  /// The errors that are known, in the order in which they were found.
  package private(set) var points: [ErrorPoint] = []

  /// An empty report for a study.
  package init(_ study: AccuracyStudy) {
    model = study.network.name
    dataset = study.data.name
    training = study.settings.description
    batchSize = study.settings.errorBatchSize
  }

  /// Adds an error that is known.
  package mutating func append(_ point: ErrorPoint) {
    points.append(point)
  }

  /// What full storage of the whole batch keeps.
  private var fullByteCount: Int { points.first { $0.method == "full" }?.savedByteCount ?? 0 }

  private func compression(_ point: ErrorPoint) -> Double {
    Double(fullByteCount) / Double(max(1, point.savedByteCount))
  }

  /// One row a strategy, and one for each smaller batch.
  package var csv: CSVTable {
    var table = CSVTable(columns: Self.columns)
    for point in points {
      table.append([
        .text(model), .text(dataset), .text(training), .integer(point.batchSize),
        .text(point.method), .text(point.strategy), .integer(point.savedByteCount),
        .number(compression(point)), .integer(point.activationPeakByteCount),
        .number(point.relativeError),
      ])
    }
    return table
  }

  /// Takes over the errors of a file that an interrupted study wrote.
  ///
  /// - Throws: `FileFailure` or `CSVError`, also if the file is that of another study.
  package mutating func read(_ path: String) throws {
    let file = try CSVRows(path: path)
    guard file.columns == Self.columns else {
      throw CSVError(path: path, reason: "is not a file of errors that a study wrote")
    }
    func require(_ found: String, _ expected: String) throws {
      guard found != expected else { return }
      throw CSVError(
        path: path,
        reason: "belongs to a study with '\(found)', not '\(expected)'; choose another --output")
    }
    for (index, row) in file.rows.enumerated() {
      for (found, expected) in zip(row, [model, dataset, training]) { try require(found, expected) }
      guard let point = ErrorPoint(fields: row) else {
        throw CSVError(path: path, reason: "has a field in line \(index + 2) that is no number")
      }
      // All other errors are those of the same batch, or of its parts.
      if point.method == "full" {
        try require("batches of \(point.batchSize)", "batches of \(batchSize)")
      }
      points.append(point)
    }
  }
}

extension ErrorPoint {
  /// A point from the fields of its row; nil if one cannot be read.
  fileprivate init?(fields: [String]) {
    guard let batchSize = Int(fields[3]), let savedByteCount = Int(fields[6]),
      let activationPeakByteCount = Int(fields[8]), let relativeError = Double(fields[9])
    else { return nil }
    self.init(
      cell: ErrorCell(method: fields[4], strategy: fields[5], batchSize: batchSize),
      savedByteCount: savedByteCount, activationPeakByteCount: activationPeakByteCount,
      relativeError: relativeError)
  }
}

// MARK: - For people

extension ErrorReport {
  /// Error against bytes: a line for each method that errs, and then the exact ones.
  package var chart: Chart {
    var names: [String] = []
    for point in points.filter({ $0.relativeError > 0 }) + points
    where !names.contains(point.method) {
      names.append(point.method)
    }
    return Chart(
      title: "\(model) on \(dataset): error of the gradient against bytes kept", style: .lines,
      xAxis: ChartAxis("kept for the backward pass", unit: .bytes, spacing: .powersOfTwo),
      yAxis: ChartAxis(
        "relative error of the gradient", spacing: .powersOfTen, zeroName: "exact"),
      series: names.map { name in
        Chart.Series(
          name,
          points: points.filter { $0.method == name }.sorted {
            $0.savedByteCount < $1.savedByteCount
          }
          .map { Chart.Point(x: Double($0.savedByteCount), y: $0.relativeError) })
      })
  }

  /// Which approximation errs least at which compression, and which exact method keeps as little.
  package var table: ReportTable {
    var table = ReportTable(columns: [
      .init("compression", unit: "at least"), .init("least error", alignment: .left),
      .init("kept"), .init("relative error"), .init("exact with as little", alignment: .left),
    ])
    for factor in [2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128] {
      let small = points.filter { compression($0) >= Double(factor) }
      let best = small.filter { $0.relativeError > 0 }.min { $0.relativeError < $1.relativeError }
      guard let best else { continue }
      let exact = small.filter { $0.relativeError == 0 }
        .min { $0.activationPeakByteCount < $1.activationPeakByteCount }
      table.append([
        .init("\(factor)"),
        .init(
          best.method == "smaller batch"
            ? "batches of \(best.batchSize)" : "\(best.method): \(best.strategy)"),
        .init(ByteCount(bytes: best.savedByteCount).description),
        .init(NumberFormat.fixed(best.relativeError, decimals: 4)), .init(exact?.strategy ?? ""),
      ])
    }
    return table
  }
}
