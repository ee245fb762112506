import Benchmarking
import Kernels

/// `steps.csv`, and the same as a table for people.
package enum StepReport {
  private static let columns = [
    "model", "batch_size", "threads", "instruction_set", "seconds_median",
    "processor_seconds_median", "steps",
  ]

  /// One row a model.
  package static func csv(_ timings: [StepTiming]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for timing in timings {
      table.append([
        .text(timing.model), .integer(timing.batchSize), .integer(timing.threadCount),
        .text(timing.instructionSet.rawValue), .number(timing.medianSeconds),
        .number(timing.medianProcessorSeconds), .integer(timing.samples.count),
      ])
    }
    return table
  }

  /// The same rows for people.
  package static func table(_ timings: [StepTiming]) -> ReportTable {
    var table = ReportTable(columns: [
      .init("model", alignment: .left), .init("batch"), .init("threads"),
      .init("instruction set", alignment: .left), .init("median step"),
      .init("processor time", unit: "a thread"),
      .init("steps"),
    ])
    for timing in timings {
      table.append([
        .init(timing.model), .init("\(timing.batchSize)"), .init("\(timing.threadCount)"),
        .init(timing.instructionSet.rawValue), .seconds(timing.medianSeconds),
        .seconds(timing.medianProcessorSeconds), .init("\(timing.samples.count)"),
      ])
    }
    return table
  }
}
