import Comparisons
import MemoryLedger
import Networks
import Schedules

/// `layers.csv`, and the same as a table for people.
package enum LayerReport {
  private static let columns = [
    "model", "strategy", "layer", "operation", "output_shape", "flops", "parameter_bytes",
    "saved_bytes", "representation", "backward_reads", "compression", "gradient_relative_error",
    "predicted_relative_error", "gradient_cosine", "sketch_to_batch_variance",
  ]

  /// The rows of several steps, one after the other.
  ///
  /// Where gradients are estimated, a row `all` follows the layers with the errors of all together. It
  /// has 0 bytes and operations, so that sums over a step's rows are what they are without it.
  package static func csv(_ profiles: [StepProfile]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for profile in profiles {
      for facts in LayerFacts.all(of: profile.step.firstSchedule) {
        table.append(
          [
            .text(profile.network.name), .text(profile.strategy), .text(facts.layer),
            .text(facts.operation), .text(facts.outputShape), .integer(facts.flops),
            .integer(facts.parameterByteCount), .integer(facts.savedByteCount),
            .text(facts.representation), .text(facts.reads),
          ] + cells(profile.gradientErrors.first { $0.layer == facts.layer }))
      }
      guard !profile.gradientErrors.isEmpty else { continue }
      let total = LayerGradientError.total(profile.gradientErrors)
      table.append(
        [
          .text(profile.network.name), .text(profile.strategy), .text(total.layer),
          .text("total"), .missing, .integer(0), .integer(0), .integer(0), .missing, .missing,
        ] + cells(total))
    }
    return table
  }

  /// What is known of the error of a layer's gradient; nothing where the gradient is exact or nothing
  /// was measured.
  private static func cells(_ error: LayerGradientError?) -> [CSVValue] {
    guard let error else { return [CSVValue](repeating: .missing, count: 5) }
    return [
      .number(error.compression), .number(error.relativeError),
      .number(error.predictedRelativeError), .number(error.cosine),
      error.varianceRatio.map { .number($0) } ?? .missing,
    ]
  }

  /// The layers of one step.
  package static func table(_ profile: StepProfile) -> ReportTable {
    var table = ReportTable(columns: [
      .init("layer", alignment: .left), .init("output", alignment: .left),
      .init("FLOPs"), .init("parameters"), .init("saved"), .init("kept as", alignment: .left),
      .init("backward reads", alignment: .left),
    ])
    for facts in LayerFacts.all(of: profile.step.firstSchedule) {
      table.append([
        .init(facts.layer), .init(facts.outputShape),
        .init(NumberFormat.prefixed(Double(facts.flops))), .init(size(facts.parameterByteCount)),
        .init(size(facts.savedByteCount)),
        .init(facts.representation == "none" ? "-" : facts.representation),
        .init(facts.reads.isEmpty ? "-" : facts.reads),
      ])
    }
    return table
  }

  private static func size(_ bytes: Int) -> String {
    bytes == 0 ? "-" : ByteCount(bytes: bytes).description
  }
}
