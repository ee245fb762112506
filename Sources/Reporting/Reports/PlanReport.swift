import Comparisons
import MemoryLedger
import Networks
import Planning
import Schedules

/// What less memory costs: `curve.csv` and `curve.svg`.
package struct PlanReport {
  private static let columns = [
    "model", "batch_size", "threads", "activation_peak_bytes", "peak_bytes", "step_seconds",
    "step_ratio_to_fastest", "recomputed_flops_fraction", "parts", "expected_gradient_error",
  ]

  /// A point of the curve.
  private struct Point {
    let plan: PlannedStep
    let peakByteCount: Int
    let seconds: Double
  }

  private let points: [Point]
  private let chosen: PlannedStep
  private let chosenSeconds: Double

  /// Prepares a report.
  ///
  /// - Parameters:
  ///   - chosen: The step that was planned for.
  ///   - curve: The fastest steps for less and less memory.
  ///   - rates: The rates that seconds are forecast with.
  ///   - timings: What passes took, where that was measured.
  ///   - baseline: The memory that stands between steps.
  package init(
    _ chosen: PlannedStep, curve: [PlannedStep], rates: MachineRates, timings: PassTimings?,
    baseline: BaselineMemory
  ) {
    self.chosen = chosen
    chosenSeconds = chosen.seconds(rates: rates, timings: timings)
    points = curve.map { plan in
      Point(
        plan: plan,
        peakByteCount: Forecast(plan.step, baseline: baseline).peakByteCount,
        seconds: plan.seconds(rates: rates, timings: timings))
    }
  }

  private var fastest: Double { points.map(\.seconds).min() ?? chosenSeconds }

  /// One row a point, the least memory first.
  package var csv: CSVTable {
    var table = CSVTable(columns: Self.columns)
    for point in points {
      let step = point.plan.step
      table.append([
        .text(step.network.name), .integer(step.batchSize),
        .integer(step.threadCount), .integer(point.plan.activationPeakByteCount),
        .integer(point.peakByteCount), .number(point.seconds), .number(point.seconds / fastest),
        .number(step.recomputedFLOPsFraction), .integer(step.runs.count),
        .number(point.plan.expectedGradientError),
      ])
    }
    return table
  }

  /// The time of a step over the memory that it takes, and the chosen one among them.
  package var chart: Chart {
    Chart(
      title: "\(chosen.step.network.name), batch \(chosen.step.batchSize): "
        + "time against memory",
      style: .lines,
      xAxis: ChartAxis("activations, transients and workspace at the peak", unit: .bytes),
      yAxis: ChartAxis("forecast time of a step", unit: .seconds),
      series: [
        Chart.Series(
          "fastest plans",
          points: points.map {
            Chart.Point(x: Double($0.plan.activationPeakByteCount), y: $0.seconds)
          }),
        Chart.Series(
          "chosen",
          points: [
            Chart.Point(
              x: Double(chosen.activationPeakByteCount), y: chosenSeconds, label: "chosen")
          ]),
      ])
  }
}
