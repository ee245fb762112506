import Files

/// A page that shows who held how much memory during a training step.
///
/// The page is one file that needs no other and no network: facts, a chart of the bytes stacked by
/// category, and tables.
package struct TimelineReport: Sendable {
  /// One action of the step, and what stood after it.
  package struct Row: Sendable {
    let name: String
    let bytes: [Int]

    /// Creates a row; `bytes` has a number for each category.
    package init(name: String, bytes: [Int]) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// A table with the heading above it.
  package struct Section: Sendable {
    let heading: String
    let table: ReportTable

    /// Creates a section.
    package init(heading: String, table: ReportTable) {
      self.heading = heading
      self.table = table
    }
  }

  let title: String
  let facts: [String]
  let categories: [String]
  let rows: [Row]
  let levels: [Chart.Level]
  let sections: [Section]

  /// Creates a report.
  ///
  /// - Parameters:
  ///   - title: The heading of the page.
  ///   - facts: Sentences under the heading.
  ///   - categories: The names of the categories, the lowest in the chart first.
  ///   - rows: The actions in order, each with a number of bytes for each category.
  ///   - levels: Levels to draw across the chart, such as a budget.
  ///   - sections: Tables under the chart.
  package init(
    title: String, facts: [String], categories: [String], rows: [Row], levels: [Chart.Level] = [],
    sections: [Section] = []
  ) {
    precondition(
      rows.allSatisfy { $0.bytes.count == categories.count }, "a row lacks a category")
    self.title = title
    self.facts = facts
    self.categories = categories
    self.rows = rows
    self.levels = levels
    self.sections = sections
  }

  /// The chart of the page; categories that never hold anything are left out.
  package var chart: Chart {
    let used = categories.indices.filter { category in rows.contains { $0.bytes[category] != 0 } }
    return Chart(
      title: title, style: .stackedSteps, xAxis: ChartAxis("action"),
      yAxis: ChartAxis("memory", unit: .bytes),
      series: used.map { category in
        Chart.Series(
          categories[category],
          points: rows.enumerated().map { index, row in
            Chart.Point(x: Double(index), y: Double(row.bytes[category]), label: row.name)
          })
      }, levels: levels)
  }

  /// The whole page.
  package var html: String {
    let facts = facts.map { "<p>\($0.escapedForMarkup)</p>\n" }.joined()
    let sections = sections.map { section in
      "<h2>\(section.heading.escapedForMarkup)</h2>\n\(section.table.html)"
    }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(title.escapedForMarkup)</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; \
      padding: 0 1rem; color: #222; background: #fff; }
      svg { width: 100%; height: auto; }
      table { border-collapse: collapse; }
      th, td { padding: 0.2rem 0.7rem; text-align: left; border-bottom: 1px solid #ddd; }
      .number { text-align: right; font-variant-numeric: tabular-nums; }
      .best { font-weight: 600; }
      </style>
      </head>
      <body>
      <h1>\(title.escapedForMarkup)</h1>
      \(facts)\(chart.svg)\(sections)</body>
      </html>

      """
  }

  /// Writes the page whole or not at all.
  ///
  /// - Throws: `FileFailure` when the file cannot be written.
  package func write(to path: String) throws(FileFailure) {
    try FileWriting.write(html, to: path)
  }
}
