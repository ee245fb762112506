extension Chart {
  /// The chart as an SVG document, which needs no other file.
  package var svg: String { ChartDrawing(self).svg }
}

/// The geometry of one chart, and the elements that draw it.
private struct ChartDrawing {
  private static let leastWidth = 960.0
  private static let height = 440.0
  private static let plot = (left: 80.0, right: 740.0, top: 48.0, bottom: 380.0)
  /// Where the names of series begin, and what one of their letters takes at most on average.
  private static let legendLeft = 780.0
  private static let letterWidth = 8.0

  private let chart: Chart
  private let xScale: AxisScale
  private let yScale: AxisScale
  /// For stacked areas the upper edge of each series, else the values themselves.
  private let edges: [[Double]]

  init(_ chart: Chart) {
    self.chart = chart
    var xs = chart.series.flatMap { $0.points.map(\.x) }
    switch chart.style {
    case .lines:
      edges = chart.series.map { $0.points.map(\.y) }
    case .stackedSteps:
      var sums = chart.series.first.map { $0.points.map { _ in 0.0 } } ?? []
      edges = chart.series.map { series in
        for index in sums.indices { sums[index] += series.points[index].y }
        return sums
      }
      if let points = chart.series.first?.points { xs.append(Self.end(of: points)) }
    }
    xScale = AxisScale(chart.xAxis, values: xs)
    // A place beside an axis of ratios is for values, not for what is a deviation below one.
    let deviations =
      chart.style == .lines ? chart.series.flatMap { $0.points.flatMap(Self.ends) } : []
    let bands = chart.levels.flatMap { [$0.y - $0.deviation, $0.y + $0.deviation] }
    yScale = AxisScale(chart.yAxis, values: edges.joined() + deviations + bands)
  }

  /// Enough for the longest name.
  private var width: Double {
    let longest = chart.series.map(\.name.count).max() ?? 0
    return max(Self.leastWidth, Self.legendLeft + Double(longest) * Self.letterWidth + 10)
  }

  var svg: String {
    let size = "\(Int(width)) \(Int(Self.height))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" \
      font-family="system-ui, sans-serif" font-size="13" fill="#222" role="img" \
      aria-label="\(chart.title.escapedForMarkup)">
      <rect width="100%" height="100%" fill="#fff"/>
      \(text(Self.plot.left, 26, chart.title, extra: " font-size=\"17\" font-weight=\"600\""))\
      \(grid)\(chart.style == .lines ? lines : areas)\(levels)\(legend)</svg>

      """
  }

  // MARK: Coordinates

  private func x(_ value: Double) -> Double {
    Self.plot.left + (Self.plot.right - Self.plot.left) * xScale.position(value)
  }

  private func y(_ value: Double) -> Double {
    Self.plot.bottom - (Self.plot.bottom - Self.plot.top) * yScale.position(value)
  }

  /// Where the last step of stacked areas ends: it is as long as the one before.
  private static func end(of points: [Chart.Point]) -> Double {
    guard let last = points.last else { return 0 }
    return points.count > 1 ? 2 * last.x - points[points.count - 2].x : last.x + 1
  }

  // MARK: Elements

  private var grid: String {
    let plot = Self.plot
    var output = ""
    for tick in yScale.ticks {
      let position = y(tick)
      output += line(plot.left, position, plot.right, position, "#ddd")
      output += text(plot.left - 8, position + 4.5, yScale.label(tick), anchor: "end")
    }
    for tick in xScale.ticks {
      let position = x(tick)
      output += line(position, plot.bottom, position, plot.bottom + 5, "#222")
      output += text(position, plot.bottom + 20, xScale.label(tick), anchor: "middle")
    }
    output += line(plot.left, plot.bottom, plot.right, plot.bottom, "#222")
    output += line(plot.left, plot.top, plot.left, plot.bottom, "#222")
    let middle = (plot.left + plot.right) / 2
    output += text(middle, plot.bottom + 44, xScale.title, anchor: "middle")
    let center = (plot.top + plot.bottom) / 2
    return output
      + text(
        22, center, yScale.title, anchor: "middle",
        extra: " transform=\"rotate(-90 22 \(number(center)))\"")
  }

  private var lines: String {
    var output = ""
    for (index, series) in chart.series.enumerated() {
      let color = Chart.color(index)
      let points = series.points.filter { !yScale.isPlaceForZero($0.y) }
        .map { "\(number(x($0.x))),\(number(y($0.y)))" }
      output +=
        "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" "
        + "stroke=\"\(color)\" stroke-width=\"2\"/>\n"
      for point in series.points {
        if point.deviation > 0 { output += bar(point, ofSeries: index) }
        output +=
          "<circle cx=\"\(number(x(point.x)))\" cy=\"\(number(y(point.y)))\" r=\"3.5\" "
          + "fill=\"\(color)\"/>\n"
        if !point.label.isEmpty {
          output += text(x(point.x) + 7, y(point.y) - 6, point.label, extra: " font-size=\"12\"")
        }
      }
    }
    return output
  }

  /// The ends of a point's bar that have a place on any axis.
  private static func ends(_ point: Chart.Point) -> [Double] {
    point.deviation > 0 ? [point.y - point.deviation, point.y + point.deviation] : []
  }

  /// A bar from one end to the other, with a short line across each.
  ///
  /// Bars of several series at the same place stand side by side.
  private func bar(_ point: Chart.Point, ofSeries index: Int) -> String {
    let color = Chart.color(index)
    let center = x(point.x) + 6 * (Double(index) - Double(chart.series.count - 1) / 2)
    let ends = Self.ends(point).map { chart.yAxis.shows($0) ? y($0) : Self.plot.bottom }
    return line(center, ends[0], center, ends[1], color)
      + ends.map { line(center - 4, $0, center + 4, $0, color) }.joined()
  }

  private var areas: String {
    var output = ""
    var below = chart.series.first.map { $0.points.map { _ in 0.0 } } ?? []
    for (index, series) in chart.series.enumerated() where !series.points.isEmpty {
      let upper = steps(series.points, edges[index])
      let lower = steps(series.points, below).reversed()
      output +=
        "<path d=\"M\((upper + lower).joined(separator: "L"))Z\" "
        + "fill=\"\(Chart.color(index))\" fill-opacity=\"0.85\"/>\n"
      below = edges[index]
    }
    return output + hints
  }

  /// Invisible columns over the steps, with the labels of the first series and the sums.
  private var hints: String {
    guard let points = chart.series.first?.points else { return "" }
    return points.indices.filter { !points[$0].label.isEmpty }.map { index in
      let left = x(points[index].x)
      let right = x(index + 1 < points.count ? points[index + 1].x : Self.end(of: points))
      return "<rect x=\"\(number(left))\" y=\"\(number(Self.plot.top))\" "
        + "width=\"\(number(right - left))\" "
        + "height=\"\(number(Self.plot.bottom - Self.plot.top))\" fill-opacity=\"0\">"
        + "<title>\(hint(index).escapedForMarkup)</title></rect>\n"
    }.joined()
  }

  private func hint(_ index: Int) -> String {
    let label = chart.series.first?.points[index].label ?? ""
    let sum = edges.last?[index] ?? 0
    return "\(label): \(yScale.description(sum))"
  }

  /// The corners of a staircase, from left to right; neighbouring steps of one height are joined.
  private func steps(_ points: [Chart.Point], _ values: [Double]) -> [String] {
    var corners: [String] = []
    for (index, value) in values.enumerated() {
      if index == 0 || value != values[index - 1] {
        corners.append("\(number(x(points[index].x))) \(number(y(value)))")
      }
      let isLast = index + 1 == values.count
      if isLast || values[index + 1] != value {
        let end = isLast ? Self.end(of: points) : points[index + 1].x
        corners.append("\(number(x(end))) \(number(y(value)))")
      }
    }
    return corners
  }

  private var levels: String {
    chart.levels.map { level in
      let position = y(level.y)
      return band(level)
        + line(
          Self.plot.left, position, Self.plot.right, position, "#222",
          extra: " stroke-dasharray=\"6 4\"")
        + text(Self.plot.right - 4, position - 6, level.name, anchor: "end")
    }.joined()
  }

  /// What lies within a level's deviation.
  private func band(_ level: Chart.Level) -> String {
    guard level.deviation > 0 else { return "" }
    let (top, bottom) = (y(level.y + level.deviation), y(level.y - level.deviation))
    return "<rect x=\"\(number(Self.plot.left))\" y=\"\(number(top))\" "
      + "width=\"\(number(Self.plot.right - Self.plot.left))\" "
      + "height=\"\(number(bottom - top))\" fill=\"#222\" fill-opacity=\"0.08\"/>\n"
  }

  /// Areas are listed from the top down, as they lie.
  private var legend: String {
    var entries = chart.series.enumerated().map { (color: Chart.color($0), name: $1.name) }
    if chart.style == .stackedSteps { entries.reverse() }
    var output = ""
    for (index, entry) in entries.enumerated() {
      let top = Self.plot.top + Double(index) * 22
      output +=
        "<rect x=\"758\" y=\"\(number(top))\" width=\"14\" height=\"14\" rx=\"2\" "
        + "fill=\"\(entry.color)\"/>\n"
      output += text(Self.legendLeft, top + 11.5, entry.name)
    }
    return output
  }

  // MARK: Primitives

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, extra: String = ""
  ) -> String {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
      + "stroke=\"\(color)\"\(extra)/>\n"
  }

  private func text(
    _ x: Double, _ y: Double, _ content: String, anchor: String = "start", extra: String = ""
  ) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"\(extra)>"
      + "\(content.escapedForMarkup)</text>\n"
  }

  private func number(_ value: Double) -> String { NumberFormat.fixed(value, decimals: 1) }
}
