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
  /// A row `all` follows the layers of each step with their totals and, where gradients are estimated,
  /// the errors of all together.
  package static func csv(_ profiles: [StepProfile]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for profile in profiles {
      let layers = LayerFacts.all(of: profile.step.firstSchedule)
      for facts in layers {
        table.append(
          [
            .text(profile.network.name), .text(profile.strategy), .text(facts.layer),
            .text(facts.operation), .text(facts.outputShape), .integer(facts.flops),
            .integer(facts.parameterByteCount), .integer(facts.savedByteCount),
            .text(facts.representation), .text(facts.reads),
          ] + cells(profile.gradientErrors.first { $0.layer == facts.layer }))
      }
      func total(_ value: KeyPath<LayerFacts, Int>) -> CSVValue {
        .integer(layers.reduce(0) { $0 + $1[keyPath: value] })
      }
      table.append(
        [
          .text(profile.network.name), .text(profile.strategy), .text("all"), .text("total"),
          .missing, total(\.flops), total(\.parameterByteCount), total(\.savedByteCount),
          .missing, .missing,
        ]
          + cells(
            profile.gradientErrors.isEmpty
              ? nil : LayerGradientError.total(profile.gradientErrors)))
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
