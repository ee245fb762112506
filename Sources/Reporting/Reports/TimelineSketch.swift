import Comparisons
import MemoryLedger
import Schedules

/// A timeline in one line of text, for terminals.
package enum TimelineSketch {
  private static let width = 72
  private static let blocks = Array("▁▂▃▄▅▆▇█")

  /// The total at each action from zero to the peak, and under it where the passes are.
  ///
  /// Where there are more actions than columns, a column shows the highest of its actions.
  package static func lines(_ profile: StepProfile) -> [String] {
    let totals = (profile.measurement?.timeline ?? profile.forecast.timeline).map(\.total)
    guard let peak = totals.max(), peak > 0 else { return [] }
    let columnCount = min(width, totals.count)
    var line = ""
    for column in 0..<columnCount {
      let range = totals.count * column / columnCount..<totals.count * (column + 1) / columnCount
      let height = Double(totals[range].max() ?? 0) / Double(peak)
      line.append(blocks[min(blocks.count - 1, Int(height * Double(blocks.count)))])
    }
    let isBackward = profile.step.isBackward
    let forward = columnCount * (isBackward.firstIndex(of: true) ?? totals.count) / totals.count
    return [
      line,
      label("forward", width: forward) + label("backward", width: columnCount - forward),
    ]
  }

  private static func label(_ name: String, width: Int) -> String {
    guard width >= name.count + 3 else { return String(repeating: "─", count: width) }
    return "└ \(name) " + String(repeating: "─", count: width - name.count - 3)
  }
}
