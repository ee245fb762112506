import Files
import TestSupport
import Testing

@testable import Reporting

@Suite struct ChartTests {
  @Test(arguments: [
    (0.0, 1.0), (0, 7), (0, 0), (3, 3), (-2, 5), (1e-9, 3e-9), (0, 9.99), (12, 12.4), (0, 1e12),
    (-7, -7),
  ])
  func axesHoldTheirValuesAndHaveFewTicks(low: Double, high: Double) {
    for spacing in [ChartAxis.Spacing.fromZero, .fromSmallest] {
      let scale = AxisScale(ChartAxis("x", spacing: spacing), values: [low, high])
      #expect(scale.range.contains(low) && scale.range.contains(high))
      #expect((3...10).contains(scale.ticks.count), "\(scale.ticks)")
      #expect(Set(scale.ticks.map(scale.label)).count == scale.ticks.count)
      #expect(scale.position(scale.range.lowerBound) == 0)
      #expect(scale.position(scale.range.upperBound) == 1)
    }
  }

  @Test(arguments: [
    (1.0, 1.0), (1, 2), (2, 64), (32, 1024), (1e-7, 3), (0.9, 1.1), (1e-300, 1e300), (1000, 1000),
    (0.3, 0.7), (10, 1e5),
  ])
  func ratiosHaveFewTicksAtPowers(low: Double, high: Double) {
    for spacing in [ChartAxis.Spacing.powersOfTwo, .powersOfTen] {
      let scale = AxisScale(ChartAxis("x", spacing: spacing), values: [low, high, 0, -1, .nan])
      #expect(scale.range.contains(low) && scale.range.contains(high))
      #expect((2...10).contains(scale.ticks.count), "\(scale.ticks)")
      #expect(Set(scale.ticks.map(scale.label)).count == scale.ticks.count)
      #expect(scale.position(scale.range.lowerBound) == 0)
      #expect(scale.position(scale.range.upperBound) == 1)
    }
  }

  @Test func ratiosAreEquallyFarApart() {
    let probes = AxisScale(ChartAxis("probes", spacing: .powersOfTwo), values: [2, 64])
    #expect(probes.ticks.map(probes.label) == ["2", "4", "8", "16", "32", "64"])
    #expect(abs(probes.position(4) - 0.2) < 1e-15)
    let error = AxisScale(ChartAxis("error", spacing: .powersOfTen), values: [0.002, 0.9])
    #expect(error.ticks.map(error.label) == ["0.001", "0.01", "0.1", "1"])
    let narrow = AxisScale(ChartAxis("error", spacing: .powersOfTen), values: [0.3, 4])
    #expect(narrow.ticks.map(narrow.label) == ["0.2", "0.5", "1", "2", "5"])
    let bytes = AxisScale(
      ChartAxis("memory", unit: .bytes, spacing: .powersOfTwo), values: [300, 70_000])
    // Ten ticks are too many: every other one is shown.
    #expect(
      bytes.ticks.map(bytes.label) == ["256 B", "1 KiB", "4 KiB", "16 KiB", "64 KiB", "256 KiB"])
  }

  @Test func pointsWithoutAPlaceAreLeftOut() {
    let chart = Chart(
      title: "t", style: .lines, xAxis: ChartAxis("x", spacing: .powersOfTwo),
      yAxis: ChartAxis("y", spacing: .powersOfTen),
      series: [
        .init(
          "s",
          points: [.init(x: 2, y: 0.1), .init(x: 0, y: 0.1), .init(x: 8, y: 10), .init(x: 4, y: 0)]
        )
      ])
    // x from 80 to 740 over two doublings; y from 380 up to 48 over two powers of ten.
    #expect(chart.svg.contains("points=\"80.0,380.0 740.0,48.0\""), "\(chart.svg)")
  }

  /// What is exact has no place among ratios: it gets one at the edge, with a name.
  @Test func zeroMayHaveAPlaceBesideRatios() {
    func chart(_ zeroName: String?, _ ys: [Double]) -> String {
      Chart(
        title: "t", style: .lines, xAxis: ChartAxis("x", spacing: .powersOfTwo),
        yAxis: ChartAxis("y", spacing: .powersOfTen, zeroName: zeroName),
        series: [
          .init("s", points: zip([2.0, 8, 4], ys).map { Chart.Point(x: $0.0, y: $0.1) })
        ]
      ).svg
    }
    let svg = chart("exact", [0.1, 10, 0])
    // The plot from 380 up to 48, of which 0.08 are for zero: no line leads there, but there is a dot.
    #expect(svg.contains("points=\"80.0,353.4 740.0,48.0\""), "\(svg)")
    #expect(svg.contains("<circle cx=\"410.0\" cy=\"380.0\""), "\(svg)")
    #expect(svg.contains(">exact</text>"))
    // Nothing is zero: no place.
    #expect(chart("exact", [0.1, 10, 1]).contains("points=\"80.0,380.0 740.0,48.0 410.0,214.0\""))
    #expect(!chart("exact", [0.1, 10, 1]).contains("exact"))
    #expect(!chart(nil, [0.1, 10, 0]).contains("cx=\"410.0\""))
    // Nothing but zeros.
    #expect(chart("exact", [0, 0, 0]).contains("cy=\"380.0\""))
  }

  @Test func deviationsAreBarsAndBands() {
    let chart = Chart(
      title: "t", style: .lines, xAxis: ChartAxis("x"), yAxis: ChartAxis("y"),
      series: [.init("s", points: [.init(x: 0, y: 5, deviation: 5), .init(x: 2, y: 4)])],
      levels: [.init("level", y: 6, deviation: 2), .init("bare", y: 3)])
    let svg = chart.svg
    // y from 380 up to 48 over ten, which the upper end of the bar asks for.
    #expect(
      svg.contains("<line x1=\"80.0\" y1=\"380.0\" x2=\"80.0\" y2=\"48.0\" stroke=\"#4477aa\"/>"))
    #expect(
      svg.contains("<line x1=\"76.0\" y1=\"48.0\" x2=\"84.0\" y2=\"48.0\" stroke=\"#4477aa\"/>"))
    #expect(svg.split(separator: "stroke=\"#4477aa\"/>").count == 4, "\(svg)")
    #expect(svg.contains("y=\"114.4\" width=\"660.0\" height=\"132.8\""), "\(svg)")
    #expect(svg.split(separator: "fill-opacity").count == 2)
    // Two series at the same place: three to the left, three to the right.
    let two = Chart(
      title: "t", style: .lines, xAxis: ChartAxis("x"), yAxis: ChartAxis("y"),
      series: ["a", "b"].map { .init($0, points: [.init(x: 0, y: 5, deviation: 5)]) })
    #expect(two.svg.contains("<line x1=\"77.0\" y1=\"380.0\" x2=\"77.0\" y2=\"48.0\""))
    #expect(two.svg.contains("<line x1=\"83.0\" y1=\"380.0\" x2=\"83.0\" y2=\"48.0\""))
    // Below all ratios: down to the edge.
    let ratios = Chart(
      title: "t", style: .lines, xAxis: ChartAxis("x"),
      yAxis: ChartAxis("y", spacing: .powersOfTen),
      series: [.init("s", points: [.init(x: 0, y: 1, deviation: 9), .init(x: 2, y: 0.1)])])
    #expect(
      ratios.svg.contains(
        "<line x1=\"80.0\" y1=\"380.0\" x2=\"80.0\" y2=\"48.0\" stroke=\"#4477aa\"/>"))
  }

  @Test func unitsSuitTheLargestValue() {
    let bytes = AxisScale(ChartAxis("memory", unit: .bytes), values: [0, 27 * 1_048_576])
    #expect(bytes.title == "memory [MiB]")
    #expect(bytes.ticks.map(bytes.label) == ["0", "5", "10", "15", "20", "25", "30"])
    let seconds = AxisScale(ChartAxis("time", unit: .seconds), values: [0.004])
    #expect(seconds.title == "time [ms]")
    #expect(seconds.ticks.map(seconds.label) == ["0", "1", "2", "3", "4"])
    let empty = AxisScale(ChartAxis("memory", unit: .bytes), values: [])
    #expect(empty.title == "memory [B]")
  }

  @Test func stackedAreasLieOnOneAnother() {
    let chart = Chart(
      title: "a < b & c", style: .stackedSteps, xAxis: ChartAxis("x"), yAxis: ChartAxis("y"),
      series: [
        .init("low", points: [.init(x: 0, y: 2, label: "a&b"), .init(x: 1, y: 4)]),
        .init("high", points: [.init(x: 0, y: 8), .init(x: 1, y: 6)]),
      ], levels: [.init("budget", y: 10)])
    let svg = chart.svg
    // x from 80 to 740 over 2 steps; y from 380 up to 48 over 10: a unit is 33.2 high.
    #expect(
      svg.contains(
        "M80.0 313.6L410.0 313.6L410.0 247.2L740.0 247.2"
          + "L740.0 380.0L80.0 380.0Z"))
    #expect(
      svg.contains("M80.0 48.0L740.0 48.0L740.0 247.2L410.0 247.2L410.0 313.6L80.0 313.6Z"))
    // One step has a label, so one has a hint: the label and the sum of both series.
    #expect(svg.contains("<title>a&amp;b: 10.00</title>"))
    #expect(svg.split(separator: "<title>").count == 2)
    #expect(svg.contains("a &lt; b &amp; c"))
    #expect(!svg.contains("a < b"))
  }

  @Test func namesOfSeriesHaveRoom() {
    func viewBox(_ name: String) -> String? {
      let chart = Chart(
        title: "t", style: .lines, xAxis: ChartAxis("x"), yAxis: ChartAxis("y"),
        series: [Chart.Series(name, points: [.init(x: 0, y: 1)])])
      return chart.svg.split(separator: "\"").first { $0.hasPrefix("0 0 ") }.map(String.init)
    }
    #expect(viewBox("ours") == "0 0 960 440")
    #expect(viewBox("gaussian-multichannel (published)") == "0 0 1054 440")
  }

  @Test func chartsWithoutFinitePointsAreDrawn() {
    for style in [Chart.Style.lines, .stackedSteps] {
      let chart = Chart(
        title: "", style: style, xAxis: ChartAxis("x"), yAxis: ChartAxis("y"),
        series: [.init("nothing", points: [.init(x: .nan, y: 1), .init(x: 1, y: .infinity)])])
      #expect(chart.svg.contains("nothing"))
      #expect(!chart.svg.contains("nan"))
    }
  }

  @Test func reportsAreOnePage() throws {
    var table = ReportTable(columns: [.init("owner", alignment: .left), .init("bytes")])
    table.append([.init("<conv1>"), .init("12")])
    let report = TimelineReport(
      title: "vgg8, full", facts: ["Peak: 3 B & more"],
      categories: ["parameters", "input", "none"],
      rows: [
        .init(name: "forward(conv1)", bytes: [1, 2, 0]),
        .init(name: "backward(conv1)", bytes: [1, 1, 0]),
      ], sections: [.init(heading: "What stood at the peak", table: table)])
    #expect(report.chart.series.map(\.name) == ["parameters", "input"])
    try withTemporaryFolder { folder in
      try report.write(to: "\(folder)/t.html")
      let html = String(decoding: try FileReading.bytes(of: "\(folder)/t.html"), as: UTF8.self)
      #expect(html == report.html)
      for part in ["<!DOCTYPE html>", "<svg", "&lt;conv1&gt;", "Peak: 3 B &amp; more", "</html>"] {
        #expect(html.contains(part))
      }
      // The name of the SVG namespace is the only address: nothing is loaded.
      #expect(html.split(separator: "://").count == 2)
      #expect(html.contains("xmlns=\"http://www.w3.org/2000/svg\""))
      #expect(!html.contains("<script") && !html.contains("<link"))
    }
  }
}
