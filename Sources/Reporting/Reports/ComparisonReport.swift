import Comparisons
import MemoryLedger
import Planning
import Schedules

/// `comparison.csv`, and the same as a table and a sentence for people.
package enum ComparisonReport {
  private static let columns = [
    "model", "dataset", "batch_size", "threads", "strategy", "exact", "saved_bytes",
    "activation_peak_bytes", "peak_bytes", "forecast_peak_bytes", "usable_peak_bytes",
    "process_peak_rss_bytes", "recomputed_flops_fraction", "step_seconds_median",
    "step_ratio_to_full", "gradient_relative_error", "final_loss", "test_accuracy", "steps",
    "slab_bytes", "codec_seconds", "test_dice",
  ]

  /// One row a model and strategy; `test_dice` is empty where the loss is not one of overlap.
  package static func csv(_ rows: [ComparisonRow]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for row in rows {
      table.append([
        .text(row.model), .text(row.dataset), .integer(row.batchSize), .integer(row.threadCount),
        .text(row.strategy), .text(row.exactness.rawValue), .integer(row.savedByteCount),
        .integer(row.activationPeakByteCount), .integer(row.peakByteCount),
        .integer(row.forecastPeakByteCount), .integer(row.usablePeakByteCount),
        .integer(row.processPeakResidentBytes), .number(row.recomputedFLOPsFraction),
        .number(row.stepSecondsMedian), .number(row.stepRatioToFull),
        .number(row.gradientRelativeError), .number(row.finalLoss), .number(row.testAccuracy),
        .integer(row.stepCount), row.slabByteCount.map { .integer($0) } ?? .missing,
        .number(row.codecSeconds), row.testDice.map { .number($0) } ?? .missing,
      ])
    }
    return table
  }

  /// The strategies of one model; the best value of each column is marked.
  package static func table(_ rows: [ComparisonRow]) -> ReportTable {
    var table = ReportTable(columns: [
      .init("strategy", alignment: .left), .init("exact", alignment: .left),
      .init("saved", unit: "MiB", best: .lowest), .init("step peak", unit: "MiB", best: .lowest),
      .init("peak", unit: "MiB", best: .lowest), .init("resident", unit: "MiB", best: .lowest),
      .init("recomputed", unit: "%", best: .lowest), .init("step", unit: "ms", best: .lowest),
      .init("to full", unit: "×", best: .lowest), .init("grad. error", best: .lowest),
      .init("loss", best: .lowest), .init("accuracy", unit: "%", best: .highest),
    ])
    for row in rows {
      table.append([
        .init(row.strategy), .init(row.exactness.rawValue), mebibytes(row.savedByteCount),
        mebibytes(row.activationPeakByteCount), mebibytes(row.peakByteCount),
        mebibytes(row.processPeakResidentBytes),
        number(row.recomputedFLOPsFraction * 100, decimals: 1),
        number(row.stepSecondsMedian * 1000, decimals: 1),
        number(row.stepRatioToFull, decimals: 2), number(row.gradientRelativeError, decimals: 3),
        number(row.finalLoss, decimals: 3), number(row.testAccuracy * 100, decimals: 1),
      ])
    }
    return table
  }

  /// One sentence on what each model's leanest strategies save and cost.
  package static func conclusion(_ models: [[ComparisonRow]]) -> String {
    let clauses = models.compactMap(clause)
    guard !clauses.isEmpty else { return "Nothing was compared." }
    // A clause begins with "on".
    return "O" + clauses.joined(separator: "; ").dropFirst() + "."
  }

  private static func clause(_ rows: [ComparisonRow]) -> String? {
    guard let full = rows.first(where: { $0.strategy == "full" }),
      let leanest = rows.min(by: { $0.peakByteCount < $1.peakByteCount })
    else { return nil }
    let size = ByteCount(bytes: full.peakByteCount)
    guard leanest.peakByteCount < full.peakByteCount else {
      return "on \(full.model) nothing needs less than full storage, whose peak is \(size)"
    }
    let exact = rows.filter { $0.exactness != .estimated }
      .min { $0.peakByteCount < $1.peakByteCount }
    var text = "on \(full.model) \(leanest.strategy) has the lowest peak, "
    text += "\(ByteCount(bytes: leanest.peakByteCount)) instead of \(size) "
    text += "(\(share(leanest, of: full)))\(price(leanest))"
    if let exact, leanest.exactness == .estimated {
      text +=
        exact.strategy == "full"
        ? ", and no exact strategy needs less than full"
        : ", and of the exact ones \(exact.strategy) (\(share(exact, of: full)))\(price(exact))"
    }
    return text
  }

  private static func share(_ row: ComparisonRow, of full: ComparisonRow) -> String {
    NumberFormat.percent(Double(row.peakByteCount) / Double(full.peakByteCount))
  }

  private static func price(_ row: ComparisonRow) -> String {
    let time = " at \(NumberFormat.fixed(row.stepRatioToFull, decimals: 2)) times the step time"
    guard row.exactness == .estimated else { return time }
    return time
      + " and a gradient error of \(NumberFormat.fixed(row.gradientRelativeError, decimals: 2))"
  }

  private static func mebibytes(_ bytes: Int) -> ReportTable.Cell {
    number(Double(bytes) / 0x1p20, decimals: 2)
  }

  private static func number(_ value: Double, decimals: Int) -> ReportTable.Cell {
    .init(NumberFormat.fixed(value, decimals: decimals), value: value)
  }
}
