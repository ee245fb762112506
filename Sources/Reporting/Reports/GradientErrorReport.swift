import Comparisons
import MemoryLedger

/// How far estimated gradients are from the exact ones, layer by layer and all together.
package enum GradientErrorReport {
  /// The layers under one strategy.
  package static func table(_ layers: [LayerGradientError]) -> ReportTable {
    var table = ReportTable(columns: [
      .init("layer", alignment: .left), .init("kept"), .init("compression", unit: "×"),
      .init("error"), .init("predicted"), .init("cosine"), .init("to SGD's variance"),
      .init("kept as", alignment: .left),
    ])
    for error in layers + [LayerGradientError.total(layers)] {
      table.append([
        .init(error.layer), .init(ByteCount(bytes: error.byteCount).description),
        .init(NumberFormat.fixed(error.compression, decimals: 1)),
        .init(NumberFormat.fixed(error.relativeError, decimals: 4)),
        .init(NumberFormat.fixed(error.predictedRelativeError, decimals: 4)),
        .init(NumberFormat.fixed(error.cosine, decimals: 4)),
        .init(error.varianceRatio.map { NumberFormat.fixed($0, decimals: 3) } ?? "-"),
        .init(error.representation.isEmpty ? "-" : error.representation),
      ])
    }
    return table
  }

  /// The default estimator beside the published one: `estimators.csv`.
  package static func csv(_ comparison: EstimatorComparison, model: String) -> CSVTable {
    var table = CSVTable(columns: [
      "model", "probes", "layer", "published_bytes", "default_bytes", "published_relative_error",
      "default_relative_error", "squared_error_gain", "default_representation",
    ])
    for row in comparison.rows {
      table.append([
        .text(model), .integer(row.probeCount), .text(row.published.layer),
        .integer(row.published.byteCount), .integer(row.proposed.byteCount),
        .number(row.published.relativeError), .number(row.proposed.relativeError),
        .number(row.gain), .text(row.proposed.representation),
      ])
    }
    return table
  }

  /// The same for people, with the geometric mean over the layers for each number of probes.
  package static func table(_ comparison: EstimatorComparison) -> ReportTable {
    var table = ReportTable(columns: [
      .init("probes"), .init("layer", alignment: .left), .init("published error"),
      .init("default error"), .init("gain in squared error", unit: "×"),
      .init("kept as", alignment: .left),
    ])
    var counts: [Int] = []
    for row in comparison.rows where !counts.contains(row.probeCount) {
      counts.append(row.probeCount)
    }
    for count in counts {
      for row in comparison.rows where row.probeCount == count {
        table.append([
          .init(String(count)), .init(row.published.layer),
          .init(NumberFormat.fixed(row.published.relativeError, decimals: 4)),
          .init(NumberFormat.fixed(row.proposed.relativeError, decimals: 4)),
          .init(NumberFormat.fixed(row.gain, decimals: 1)), .init(row.proposed.representation),
        ])
      }
      if let gain = comparison.meanGain(probeCount: count) {
        table.append([
          .init(String(count)), .init("geometric mean"), .init("-"), .init("-"),
          .init(NumberFormat.fixed(gain, decimals: 1)), .init("-"),
        ])
      }
    }
    return table
  }
}
