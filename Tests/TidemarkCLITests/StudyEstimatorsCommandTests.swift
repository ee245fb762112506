import Foundation
import Testing

@Suite(.serialized) struct StudyEstimatorsCommandTests {
  private let arguments = [
    "study", "estimators", "--data", CommandRun.bundledData, "--batch-size", "500",
  ]

  @Test(arguments: [
    (["--probes", "0"], "'0' is invalid for '--probes <"),
    (["--batch-size", "x"], "'x' is invalid for '--batch-size <"),
    (["--epochs", "0"], "'0' is invalid for '--epochs <"),
    (["--batch-size", "4000"], "2000 samples"),
    (["--model", "vgg88"], "did you mean 'vgg8'?"),
    (["--seed", "-1"], "'-1' is invalid for '--seed <"),
  ])
  func wrongUsageIsExplainedInOneLine(extra: [String], part: String) throws {
    try withFolder { folder in
      let run = try CommandRun(arguments + extra, in: folder)
      #expect(run.exitCode == 64)
      #expect(run.errors.contains(part), "\(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func anInterruptedStudyIsNotCalledDone() throws {
    try withFolder { folder in
      let printed = "\(folder)/\(CommandRun.outputFile)"
      let run = try CommandRun(
        arguments + ["--model", "vgg8", "--epochs", "1000", "--output", "out"], in: folder,
        interruptWhen: seconds(
          0.5,
          after: {
            (try? String(contentsOfFile: printed, encoding: .utf8))?.contains("Data: ") == true
          }))
      #expect(run.exitCode == SIGINT)
      let lines = run.errors.split(separator: "\n")
      #expect(lines.first?.hasPrefix("vgg8: training: interrupted after ") == true)
      #expect(lines.last == "Interrupted; nothing was written to out.")
      #expect(lines.count == 2, "\(run.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").isEmpty)
    }
  }

  @Test func everyLayerIsStatedOnce() throws {
    try withFolder { folder in
      let run = try CommandRun(
        arguments + ["--model", "lenet", "lenet", "--probes", "4", "--output", "out"], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(run.output.contains("lenet after 4 steps of 500 images"))
      #expect(run.output.contains("geometric mean"))
      let rows = try rows(ofCSV: "\(folder)/out/estimators.csv").rows
      #expect(rows.map { $0["layer"] } == ["conv2"])
      let gain = try #require(rows.first?["squared_error_gain"].flatMap { Double($0) })
      #expect(gain > 1)
    }
  }
}
