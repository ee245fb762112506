/// A chart of lines or of stacked areas.
package struct Chart: Sendable {
  /// How the series are drawn.
  package enum Style: Sendable {
    /// A line through the points of each series, with a dot at each point.
    case lines
    /// Areas on top of one another. All series need the same x values; each value holds from its x
    /// to the next one, and the last from there for as long as the one before.
    case stackedSteps
  }

  /// A point of a series.
  package struct Point: Sendable {
    let x: Double
    let y: Double
    let deviation: Double
    let label: String

    /// Creates a point.
    ///
    /// A deviation is drawn as a bar from `y - deviation` to `y + deviation`, on lines only. A label is
    /// written beside a point of a line. On stacked areas the label of the first series and the sum
    /// appear where the pointer rests, if the chart is part of a page.
    package init(x: Double, y: Double, deviation: Double = 0, label: String = "") {
      self.x = x
      self.y = y
      self.deviation = deviation
      self.label = label
    }
  }

  /// Points that belong together.
  package struct Series: Sendable {
    let name: String
    let points: [Point]

    /// Creates a series; its name is in the legend.
    package init(_ name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  /// A level that is drawn across the chart, such as a budget.
  package struct Level: Sendable {
    let name: String
    let y: Double
    let deviation: Double

    /// Creates a level; its name is written on it, and a deviation is a band around it.
    package init(_ name: String, y: Double, deviation: Double = 0) {
      self.name = name
      self.y = y
      self.deviation = deviation
    }
  }

  let title: String
  let style: Style
  let xAxis: ChartAxis
  let yAxis: ChartAxis
  let series: [Series]
  let levels: [Level]

  /// Creates a chart; points that have no place on an axis are left out.
  package init(
    title: String, style: Style, xAxis: ChartAxis, yAxis: ChartAxis, series: [Series],
    levels: [Level] = []
  ) {
    self.title = title
    self.style = style
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series.map { series in
      Series(series.name, points: series.points.filter { xAxis.shows($0.x) && yAxis.shows($0.y) })
    }
    self.levels = levels
    if style == .stackedSteps {
      let first = self.series.first?.points.map(\.x) ?? []
      precondition(
        self.series.allSatisfy { $0.points.map(\.x) == first },
        "stacked series need the same x values")
    }
  }

  /// Hues that stay apart for most people with a colour deficiency: the seven of Paul Tol's *bright*,
  /// black, and the orange of his *vibrant*.
  static let colors = [
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#999999", "#222222",
    "#ee7733",
  ]

  /// The colour of a series; hues repeat after nine.
  static func color(_ index: Int) -> String { colors[index % colors.count] }
}
