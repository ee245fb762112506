import Calibration
import Kernels

/// `bench.csv`, and the same as a table for people.
package enum BenchmarkReport {
  private static let columns = [
    "layer", "direction", "batch_size", "threads", "instruction_set", "gflops", "limit_fraction",
    "scratch_bytes", "limit_gflops", "peak_gflops", "triad_gigabytes_per_second",
    "seconds_median", "processor_seconds_median", "samples", "flops", "traffic_bytes",
    "input_channels", "output_channels", "groups", "input_extent", "kernel_extent", "stride",
    "padding_before", "padding_after", "dilation",
  ]

  /// One row a layer and direction; extents are depth, height and width.
  package static func csv(_ timings: [LayerTiming]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for timing in timings {
      let geometry = timing.layer.geometry
      let bytes = geometry.trafficByteCount
      table.append([
        .text(timing.layer.name), .text(timing.direction.shortName),
        .integer(geometry.batchSize), .integer(timing.threadCount),
        .text(timing.instructionSet.rawValue), .number(timing.gigaFLOPs),
        .number(timing.limitFraction), .integer(timing.scratchByteCount),
        .number(timing.limitGigaFLOPs), .number(timing.roofline.peakGigaFLOPs),
        timing.roofline.triadGigabytesPerSecond[bytes].map { .number($0) } ?? .missing,
        .number(timing.medianSeconds), .number(timing.medianProcessorSeconds),
        .integer(timing.samples.count), .integer(geometry.floatingPointOperations),
        .integer(bytes), .integer(geometry.inputChannels), .integer(geometry.outputChannels),
        .integer(geometry.groups), .text(spelled(geometry.inputExtent)),
        .text(spelled(geometry.kernelExtent)), .text(spelled(geometry.stride)),
        .text(spelled(geometry.paddingBefore)), .text(spelled(geometry.paddingAfter)),
        .text(spelled(geometry.dilation)),
      ])
    }
    return table
  }

  /// The same rows for people.
  package static func table(_ timings: [LayerTiming]) -> ReportTable {
    var table = ReportTable(columns: [
      .init("layer", alignment: .left), .init("direction", alignment: .left), .init("batch"),
      .init("speed", unit: "GFLOP/s"), .init("limit", unit: "GFLOP/s"), .init("of limit"),
      .init("bound by", alignment: .left), .init("one pass"), .init("scratch"),
    ])
    for timing in timings {
      let isBoundByArithmetic = timing.limitGigaFLOPs == timing.roofline.peakGigaFLOPs
      table.append([
        .init(timing.layer.name), .init(timing.direction.shortName),
        .init("\(timing.layer.geometry.batchSize)"), .number(timing.gigaFLOPs, decimals: 1),
        .number(timing.limitGigaFLOPs, decimals: 1), .percent(timing.limitFraction),
        .init(isBoundByArithmetic ? "arithmetic" : "memory"), .seconds(timing.medianSeconds),
        .bytes(timing.scratchByteCount),
      ])
    }
    return table
  }

  /// One sentence on the machine's limits.
  package static func limits(_ timings: [LayerTiming]) -> String {
    guard let timing = timings.first else { return "Nothing was timed." }
    let rates = timing.roofline.triadGigabytesPerSecond.values
    func rate(_ value: Double?) -> String { NumberFormat.fixed(value ?? 0, decimals: 1) }
    return "Limits with \(timing.instructionSet.rawValue) and \(timing.threadCount) threads: "
      + "\(rate(timing.roofline.peakGigaFLOPs)) GFLOP/s in registers; memory, by the bytes that a "
      + "layer moves, from \(rate(rates.min())) to \(rate(rates.max())) GB/s."
  }

  private static func spelled(_ extent: Extent3) -> String {
    "\(extent.depth)x\(extent.height)x\(extent.width)"
  }
}
