import Networks
import Schedules

/// Where the time of a step goes, layer by layer; what is done in one pass counts for its first layer.
package struct TimeReport {
  /// The seconds of every layer by what was done, the slowest layers first.
  package let byLayer: ReportTable

  /// What a column sums up.
  private enum Part: CaseIterable {
    case forward, recomputed, codec, backward

    var title: String {
      switch self {
      case .forward: "forward"
      case .recomputed: "recomputed"
      case .codec: "encode, decode"
      case .backward: "backward"
      }
    }

    init?(_ deed: Action.Deed) {
      switch deed {
      case .forward: self = .forward
      case .recompute, .invert, .derive: self = .recomputed
      case .encode, .decode: self = .codec
      case .backward, .propagate: self = .backward
      case .release: return nil
      }
    }
  }

  /// Sums up the seconds of a step's actions.
  ///
  /// - Parameters:
  ///   - step: The step.
  ///   - seconds: For every action, how long it took.
  package init(_ step: Step, seconds: [Double]) {
    var sums = [[Part: Double]](repeating: [:], count: step.network.nodes.count)
    for (action, duration) in zip(step.actions, seconds) {
      guard let deed = action.deeds.first, let node = deed.node, let part = Part(deed)
      else { continue }
      sums[node][part, default: 0] += duration
    }
    let totals = sums.map { $0.values.reduce(0, +) }
    let whole = totals.reduce(0, +)
    let parts = Part.allCases.filter { part in sums.contains { $0[part] != nil } }

    func cells(_ name: String, _ row: [Part: Double], _ total: Double) -> [ReportTable.Cell] {
      [.init(name)]
        + parts.map { .init(row[$0].map { NumberFormat.seconds($0) } ?? "-") }
        + [
          .init(NumberFormat.seconds(total)),
          .init(NumberFormat.percent(total / max(whole, .leastNormalMagnitude))),
        ]
    }

    var table = ReportTable(
      columns: [.init("layer", alignment: .left)] + parts.map { .init($0.title) }
        + [.init("total"), .init("share")])
    let slowestFirst = step.network.nodes.indices.dropFirst().sorted {
      (totals[$1], $0) < (totals[$0], $1)
    }
    for node in slowestFirst {
      table.append(cells(step.network.nodes[node].name, sums[node], totals[node]))
    }
    let columnSums = sums.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    table.append(cells("all layers", columnSums, whole))
    byLayer = table
  }
}
