import Comparisons
import MemoryLedger
import Networks
import Schedules

extension TimelineReport {
  private static let columns =
    ["model", "strategy", "action_index", "action", "layer", "phase"]
    + MemoryCategory.allCases.map(\.name) + ["total_bytes", "forecast_total_bytes"]

  /// `timeline.csv`: for every action what stood in memory while it ran.
  ///
  /// Where nothing ran, the categories are those of the forecast and the total is left empty.
  package static func csv(_ profiles: [StepProfile]) -> CSVTable {
    var table = CSVTable(columns: columns)
    for profile in profiles {
      let measured = profile.measurement?.timeline
      let isBackward = profile.step.isBackward
      for (index, action) in profile.step.actions.enumerated() {
        let forecast = profile.forecast.timeline[index]
        let bytes = measured?[index] ?? forecast
        let row: [CSVValue] = [
          .text(profile.network.name), .text(profile.strategy), .integer(index),
          .text("\(action.name)"), .text(profile.network.layerNames(of: action)),
          .text(isBackward[index] ? "backward" : "forward"),
        ]
        table.append(
          row + MemoryCategory.allCases.map { .integer(bytes[$0]) } + [
            measured == nil ? .missing : .integer(bytes.total), .integer(forecast.total),
          ])
      }
    }
    return table
  }

  /// A page with the timeline of one step.
  ///
  /// - Parameters:
  ///   - profile: The step.
  ///   - facts: Sentences under the heading.
  ///   - budget: A limit of all categories together, drawn across the chart.
  package init(_ profile: StepProfile, facts: [String], budget: Int?) {
    let timeline = profile.measurement?.timeline ?? profile.forecast.timeline
    self.init(
      title: "\(profile.network.name) under \(profile.strategy)", facts: facts,
      categories: MemoryCategory.allCases.map(\.name),
      rows: zip(profile.step.actions, timeline).map { action, bytes in
        Row(
          name: "\(action.name) \(profile.network.layerNames(of: action))",
          bytes: MemoryCategory.allCases.map { bytes[$0] })
      },
      levels: budget.map { [Chart.Level("budget", y: Double($0))] } ?? [],
      sections: [Section(heading: "Layers", table: LayerReport.table(profile))])
  }
}

extension Network {
  /// The layers that an action works on; for a release those whose memory is given back.
  package func layerNames(of action: Action) -> String {
    var names: [String] = []
    for node in action.deeds.compactMap(\.node) + action.releases.map(\.node) {
      let name = nodes[node].name
      if !names.contains(name) { names.append(name) }
    }
    return names.joined(separator: "+")
  }
}
