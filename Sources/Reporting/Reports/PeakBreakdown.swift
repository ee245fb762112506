import Comparisons
import MemoryLedger
import Networks
import Schedules

/// What stood in memory at the highest point of a step.
package struct PeakBreakdown {
  /// The action at which the total is highest, and what it is.
  package let moment: String
  /// The bytes by category.
  package let byCategory: ReportTable
  /// The layers that held most; nil where nothing ran.
  package let byOwner: ReportTable?

  private static let namedOwnerCount = 10

  /// Looks for the highest point of a step.
  package init(_ profile: StepProfile) {
    let timeline = profile.measurement?.timeline ?? profile.forecast.timeline
    let peak = timeline.map(\.total).max() ?? 0
    let index = timeline.firstIndex { $0.total == peak } ?? 0
    let action = profile.step.actions.dropFirst(index).first
    let name = action.map { "\($0.name) of \(profile.network.layerNames(of: $0)), " }
    moment = (name ?? "") + "action \(index + 1) of \(timeline.count)"

    var categories = ReportTable(columns: [
      .init("category", alignment: .left), .init("bytes"), .init("size"), .init("share"),
    ])
    for category in MemoryCategory.allCases {
      categories.append(Self.cells(category.name, timeline[index][category], of: peak))
    }
    categories.append(Self.cells("total", peak, of: peak))
    byCategory = categories
    byOwner = profile.measurement.map { Self.owners($0.standingAtPeak, peak: peak) }
  }

  private static func owners(_ standing: StandingMemory, peak: Int) -> ReportTable {
    var table = ReportTable(columns: [
      .init("layer", alignment: .left), .init("bytes"), .init("size"), .init("share"),
      .init("of which", alignment: .left),
    ])
    for owner in standing.owners.prefix(namedOwnerCount) {
      let held = MemoryCategory.allCases.filter { owner.bytes[$0] != 0 }
      let parts = held.map { category in
        held.count == 1
          ? category.name : "\(category.name) \(ByteCount(bytes: owner.bytes[category]))"
      }
      table.append(
        cells(owner.name, owner.bytes.total, of: peak) + [.init(parts.joined(separator: ", "))])
    }
    let others = standing.owners.dropFirst(namedOwnerCount)
    if !others.isEmpty {
      let bytes = others.reduce(0) { $0 + $1.bytes.total }
      table.append(cells("\(others.count) more", bytes, of: peak) + [.init("")])
    }
    return table
  }

  private static func cells(_ name: String, _ bytes: Int, of total: Int) -> [ReportTable.Cell] {
    [
      .init(name), .init(String(bytes)), .init(ByteCount(bytes: bytes).description),
      .init(NumberFormat.percent(Double(bytes) / Double(max(1, total)))),
    ]
  }
}
