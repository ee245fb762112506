import Comparisons
import Files
import Kernels
import MemoryLedger
import NativeEngine
import Networks
import Planning
import Schedules
import TestSupport
import Testing
import Training

@testable import Reporting

@Suite struct TidemarkReportTests {
  private static func profile(
    _ strategy: String, model: Model = .vgg8, batchSize: Int = 8
  ) throws -> StepProfile {
    let network = try model.network(input: Shape(28, 28, channels: 1), classes: 10)
    return StepProfile(
      step: try .training(
        network, strategy: Strategy(parsing: strategy), batchSize: batchSize, threadCount: 2),
      strategy: strategy,
      baseline: BaselineMemory(network: network, batchSize: batchSize, optimizerStateCount: 1))
  }

  private static func comparisonRows() throws -> [ComparisonRow] {
    let data = Dataset.synthetic(
      height: 28, width: 28, channels: 1, trainingCount: 4, testCount: 2)
    let network = try Model.lenet.network(input: Shape(28, 28, channels: 1), classes: 10)
    return try Comparison(
      network,
      strategies: [.full, Strategy(parsing: "checkpoint:2"), Strategy(parsing: "trace:2")],
      settings: ComparisonSettings(batchSize: 2, stepCount: 2), data: data,
      engine: Engine(threadCount: 1, instructionSet: .widest)
    ).run { _ in 12_345 }
  }

  // MARK: Layers

  @Test(arguments: ["full", "checkpoint:3", "trace:8", "checkpoint:3+trace:8"])
  func savedBytesOfLayersAddUp(strategy: String) throws {
    let profile = try Self.profile(strategy)
    let facts = LayerFacts.all(of: profile.step.firstSchedule)
    #expect(
      facts.reduce(0) { $0 + $1.savedByteCount }
        == profile.step.savedByteCount)
    #expect(
      facts.reduce(0) { $0 + $1.parameterByteCount } == 4 * profile.network.parameterCount)
    #expect(facts.reduce(0) { $0 + $1.flops } == 8 * profile.network.forwardFLOPs)
    for layer in facts {
      #expect((layer.savedByteCount > 0) == !["none", "recomputed"].contains(layer.representation))
    }
  }

  @Test func layersTellHowTheyAreKept() throws {
    func layers(_ strategy: String) throws -> [String: LayerFacts] {
      let facts = LayerFacts.all(of: try Self.profile(strategy).step.firstSchedule)
      return Dictionary(uniqueKeysWithValues: facts.map { ($0.layer, $0) })
    }
    let full = try layers("full")
    #expect(full["relu1"]?.representation == "whole")
    #expect(full["relu2"]?.representation == "mask")
    #expect(full["pool1"]?.representation == "indices+whole")
    #expect(full["conv1"]?.reads == "input")
    #expect(full["conv2"]?.reads == "whole")
    #expect(full["conv2"]?.outputShape == "8x28x28x32")
    #expect(
      try layers("trace:8,estimator=gaussian")["conv2"]?.reads == "sketch(gaussian:8)")
    let trace = try layers("trace:8")
    #expect(trace["relu1"]?.representation == "mask+sketch(fold:112,deflate=mean,bits=2)")
    #expect(trace["conv1"]?.reads == "input")
    #expect(trace["conv2"]?.reads == "sketch(fold:112,deflate=mean,bits=2)")
    #expect(try layers("checkpoint:3")["relu1"]?.representation == "recomputed")
    // 49 pixels are no more than 64 floats, and the report says that they stay.
    #expect(try layers("trace:64")["conv5"]?.reads == "whole")
    #expect(try layers("trace:64")["conv3"]?.reads == "sketch(fold:196,deflate=mean,bits=8)")
  }

  @Test func layersHaveTheContractsColumns() throws {
    let table = LayerReport.csv([try Self.profile("full"), try Self.profile("trace:8")])
    #expect(
      table.columns.prefix(9) == [
        "model", "strategy", "layer", "operation", "output_shape", "flops", "parameter_bytes",
        "saved_bytes", "representation",
      ])
    #expect(table.rows.count == 32)
    #expect(table.rows[15][2...3] == [.text("all"), .text("total")])
    for column in 5...7 {
      let layers = table.rows[..<15].map { row -> Int in
        guard case .integer(let value) = row[column] else { return -1 }
        return value
      }
      #expect(table.rows[15][column] == .integer(layers.reduce(0, +)))
    }
    #expect(table.rows[16].prefix(3) == [.text("vgg8"), .text("trace:8"), .text("conv1")])
  }

  @Test func layersHoldTheErrorsOfTheirGradients() throws {
    let rows = try Self.comparisonRows()
    let table = LayerReport.csv(rows.map(\.profile))
    #expect(
      table.columns.suffix(5) == [
        "compression", "gradient_relative_error", "predicted_relative_error", "gradient_cosine",
        "sketch_to_batch_variance",
      ])
    let estimated = table.rows.filter {
      $0.suffix(5) != [.missing, .missing, .missing, .missing, .missing]
    }
    #expect(estimated.map { $0[1] } == [.text("trace:2"), .text("trace:2")])
    // One layer is estimated: the total is its error.
    #expect(estimated[1][2...4] == [.text("all"), .text("total"), .missing])
    #expect(estimated[1].suffix(5) == estimated[0].suffix(5))
    let error = try #require(rows.last?.profile.gradientErrors.first)
    #expect(estimated.first?[2] == .text(error.layer))
    #expect(
      try estimated.first?.suffix(5) == [
        .number(error.compression), .number(error.relativeError),
        .number(error.predictedRelativeError), .number(error.cosine),
        .number(#require(error.varianceRatio)),
      ])
    let text = GradientErrorReport.table([error]).text
    for part in [error.layer, "all", error.representation, "to SGD's variance"] {
      #expect(text.contains(part))
    }
  }

  // MARK: Timeline

  @Test func timelinesHaveTheContractsColumns() throws {
    let profile = try Self.profile("checkpoint:3")
    let table = TimelineReport.csv([profile])
    #expect(
      table.columns == [
        "model", "strategy", "action_index", "action", "layer", "phase", "parameters",
        "parameterGradients", "optimizerState", "input", "activations", "transient", "workspace",
        "total_bytes", "forecast_total_bytes",
      ])
    #expect(table.rows.count == profile.step.actions.count)
    for (index, row) in table.rows.enumerated() {
      #expect(row[2] == .integer(index))
      #expect(
        row[5] == .text(index < profile.step.firstSchedule.backwardStart ? "forward" : "backward"))
      #expect(row[13] == .missing)
      #expect(row[14] == .integer(profile.forecast.timeline[index].total))
    }
  }

  @Test func theSketchOfATimelineHasItsPeakAndFits() throws {
    let lines = TimelineSketch.lines(try Self.profile("full", model: .resnet18))
    #expect(lines.count == 2)
    #expect(lines[0].contains("█"))
    #expect(lines.allSatisfy { $0.count == 72 })
    #expect(lines[1].contains("forward") && lines[1].contains("backward"))
  }

  @Test func thePeakIsWhatTheForecastSays() throws {
    let profile = try Self.profile("full")
    let report = PeakBreakdown(profile)
    #expect(report.byOwner == nil)
    #expect(report.byCategory.rows.last?[1].text == String(profile.forecast.peakByteCount))
    let index = try #require(
      profile.forecast.timeline.firstIndex { $0.total == profile.forecast.peakByteCount })
    #expect(report.moment.hasSuffix(", action \(index + 1) of \(profile.forecast.timeline.count)"))
  }

  @Test func thePageOfATimelineNamesLayersAndBudget() throws {
    let page = TimelineReport(
      try Self.profile("trace:8"), facts: ["A fact."], budget: 1 << 20
    ).html
    #expect(page.contains("vgg8 under trace:8"))
    #expect(page.contains("A fact."))
    #expect(page.contains("budget"))
    #expect(page.contains("sketch(fold:112,deflate=mean,bits=2)"))
  }

  // MARK: Comparison

  @Test func comparisonsHaveTheContractsColumnsAndRealForecasts() throws {
    let rows = try Self.comparisonRows()
    let table = ComparisonReport.csv(rows)
    #expect(
      table.columns.prefix(18) == [
        "model", "dataset", "batch_size", "threads", "strategy", "exact", "saved_bytes",
        "activation_peak_bytes", "peak_bytes", "forecast_peak_bytes", "usable_peak_bytes",
        "process_peak_rss_bytes", "recomputed_flops_fraction", "step_seconds_median",
        "step_ratio_to_full", "gradient_relative_error", "final_loss", "test_accuracy",
      ])
    #expect(table.rows.count == 3)
    #expect(table.rows.map { $0[5] } == [.text("yes"), .text("yes"), .text("no")])
    for row in table.rows {
      #expect(row[8] == row[9])
      #expect(row[11] == .integer(12_345))
    }
    // Only estimates are written and read in other representations here.
    let place = try #require(table.columns.firstIndex(of: "codec_seconds"))
    #expect(rows.map { $0.codecSeconds > 0 } == [false, false, true])
    #expect(table.rows.map { $0[place] } == rows.map { .number($0.codecSeconds) })
    // Images have no overlap to be scored.
    #expect(table.columns.last == "test_dice")
    #expect(table.rows.allSatisfy { $0.last == .missing })
    let peaks = PeakBreakdown(try #require(rows.first).profile)
    #expect(peaks.byOwner != nil)
    #expect(ComparisonReport.table(rows).text.contains("* best of its column"))
  }

  @Test func theConclusionNamesTheLeanestStrategyOfTheRows() throws {
    let rows = try Self.comparisonRows()
    let sentence = ComparisonReport.conclusion([rows])
    let leanest = try #require(rows.min { $0.peakByteCount < $1.peakByteCount })
    #expect(sentence.hasPrefix("On lenet \(leanest.strategy) has the lowest peak"))
    #expect(sentence.contains(ByteCount(bytes: leanest.peakByteCount).description))
    #expect(
      ComparisonReport.conclusion([[rows[0]]])
        == "On lenet nothing needs less than full storage, whose peak is "
        + "\(ByteCount(bytes: rows[0].peakByteCount)).")
  }

  // MARK: Folder

  @Test func eitherAllReportsAreWrittenOrNone() throws {
    try withTemporaryFolder { folder in
      let reports = try ReportFolder(folder, reports: ["a.csv", "b.csv"])
      #expect(fileNames(in: folder).isEmpty)
      let paths = try reports.write([("a.csv", "1"), ("b.csv", "2")])
      #expect(paths == ["\(folder)/a.csv", "\(folder)/b.csv"])
      #expect(try FileReading.bytes(of: "\(folder)/b.csv") == Array("2".utf8))
      // The second report cannot be written, so that the first stays as it was.
      #expect(throws: FileFailure.self) {
        try reports.write([("a.csv", "3"), ("no-such-folder/c.csv", "4")])
      }
      #expect(try FileReading.bytes(of: "\(folder)/a.csv") == Array("1".utf8))
      #expect(fileNames(in: folder) == ["a.csv", "b.csv"])
    }
  }
}
