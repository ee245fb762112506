import Benchmarking
import Kernels

/// `steps.csv`, and the same as a table for people.
package enum StepReport {
  private static let columns = [
    "model", "batch_size", "threads", "instruction_set", "seconds_median",
    "processor_seconds_median", "steps", "strategy", "activation_peak_bytes",
    "recomputed_flops_fraction", "processor_ratio_to_full",
  ]

  /// One row a model and strategy.
  package static func csv(_ timings: [StepTiming]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for timing in timings {
      table.append([
        .text(timing.model), .integer(timing.batchSize), .integer(timing.threadCount),
        .text(timing.instructionSet.rawValue), .number(timing.medianSeconds),
        .number(timing.medianProcessorSeconds), .integer(timing.samples.count),
        .text(timing.strategy), .integer(timing.activationPeakByteCount),
        .number(timing.recomputedFLOPsFraction), .number(timing.ratioToFull),
      ])
    }
    return table
  }

  /// The same rows for people.
  package static func table(_ timings: [StepTiming]) -> ReportTable {
    var table = ReportTable(columns: [
      .init("model", alignment: .left), .init("strategy", alignment: .left), .init("batch"),
      .init("threads"), .init("instruction set", alignment: .left), .init("step peak"),
      .init("recomputed"), .init("median step"), .init("processor time", unit: "a thread"),
      .init("to full", unit: "×"), .init("steps"),
    ])
    for timing in timings {
      table.append([
        .init(timing.model), .init(timing.strategy), .init("\(timing.batchSize)"),
        .init("\(timing.threadCount)"), .init(timing.instructionSet.rawValue),
        .bytes(timing.activationPeakByteCount), .percent(timing.recomputedFLOPsFraction),
        .seconds(timing.medianSeconds), .seconds(timing.medianProcessorSeconds),
        .number(timing.ratioToFull, decimals: 3), .init("\(timing.samples.count)"),
      ])
    }
    return table
  }
}
