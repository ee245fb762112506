import Benchmarking
import Kernels

/// `weight_gradients.csv`, and the same as a table for people.
package enum WeightGradientReport {
  private static let columns = [
    "model", "strategy", "layer", "batch_size", "threads", "instruction_set", "seconds_median",
    "processor_seconds_median", "steps", "processor_ratio_to_full",
  ]

  /// One row a model, strategy and layer, and one for all layers of a strategy.
  package static func csv(_ timings: [WeightGradientTiming]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for timing in timings {
      table.append([
        .text(timing.model), .text(timing.strategy), .text(timing.layer),
        .integer(timing.batchSize), .integer(timing.threadCount),
        .text(timing.instructionSet.rawValue), .number(timing.medianSeconds),
        .number(timing.medianProcessorSeconds), .integer(timing.samples.count),
        .number(timing.ratioToFull),
      ])
    }
    return table
  }

  /// The same rows for people.
  package static func table(_ timings: [WeightGradientTiming]) -> ReportTable {
    var table = ReportTable(columns: [
      .init("model", alignment: .left), .init("strategy", alignment: .left),
      .init("weight gradient of", alignment: .left), .init("median time"),
      .init("processor time", unit: "a thread"), .init("to full", unit: "×"), .init("steps"),
    ])
    for timing in timings {
      table.append([
        .init(timing.model), .init(timing.strategy), .init(timing.layer),
        .seconds(timing.medianSeconds), .seconds(timing.medianProcessorSeconds),
        .number(timing.ratioToFull, decimals: 3), .init("\(timing.samples.count)"),
      ])
    }
    return table
  }
}
