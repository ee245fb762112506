import Foundation
import Testing

@Suite struct PlanCommandTests {
  @Test(arguments: [
    (["plan"], "--model"),
    (["plan", "--model", "lenet"], "--budget"),
    (["plan", "--model", "lenet", "--budget", "10"], "'10' is invalid for '--budget <"),
    (["plan", "--model", "lenet", "--budget", "1/0"], "'1/0' is invalid for '--budget <"),
    (
      ["plan", "--model", "lenet", "--budget", "1/2", "--tolerance", "0"],
      "'0' is invalid for '--tolerance <"
    ),
    (
      ["plan", "--model", "lenet", "--budget", "1/2", "--tolerance", "x"],
      "'x' is invalid for '--tolerance <"
    ),
    (["plan", "--model", "lene", "--budget", "1/2"], "did you mean 'lenet'?"),
    (["plan", "--model", "lenet", "--budget", "1/2", "--placement", "slap"], "'slab'?"),
    (
      ["plan", "--model", "lenet", "--budget", "1/2", "--batch-size", "0"],
      "'0' is invalid for '--batch-size <"
    ),
  ])
  func wrongUsageIsExplainedInOneLine(arguments: [String], part: String) throws {
    try withFolder { folder in
      let run = try CommandRun(arguments, in: folder)
      #expect(run.exitCode == 64)
      #expect(run.errors.contains(part), "\(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  /// The refusal names the smallest feasible budget, which is one.
  @Test func theSmallestFeasibleBudgetIsNamed() throws {
    try withFolder { folder in
      let arguments = ["plan", "--model", "resnet8", "--batch-size", "4", "--budget"]
      let run = try CommandRun(arguments + ["1KiB"], in: folder)
      #expect(run.exitCode == 75)
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      let exact = try #require(
        run.errors.split(separator: "(").last?.split(separator: " B)").first)
      let smallest = try #require(Int(exact.filter(\.isNumber)))
      #expect(try CommandRun(arguments + ["\(smallest)B"], in: folder).exitCode == 0)
      #expect(try CommandRun(arguments + ["\(smallest - 1)B"], in: folder).exitCode == 75)
    }
  }

  @Test(arguments: [
    ["--model", "vgg16", "--budget", "1/4"], ["--model", "resnet50", "--budget", "1/3"],
  ])
  func networksThatNoMachineRunsArePlanned(arguments: [String]) throws {
    try withFolder { folder in
      let run = try CommandRun(
        ["plan", "--batch-size", "256", "--output", "plan"] + arguments, in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(run.output.contains("256 samples of 224x224x3"))
      let curve = try rows(ofCSV: folder + "/plan/curve.csv").rows
      let peaks = curve.compactMap { $0["activation_peak_bytes"].flatMap { Int($0) } }
      let ratios = curve.compactMap { $0["step_ratio_to_fastest"].flatMap { Double($0) } }
      #expect(peaks.count > 5 && peaks == peaks.sorted())
      // The plans were chosen with other rates than those of this machine now.
      #expect(ratios.count == peaks.count && ratios.allSatisfy { $0 >= 1 })
      let svg = try String(contentsOfFile: folder + "/plan/curve.svg", encoding: .utf8)
      #expect(svg.hasPrefix("<svg") && svg.contains("chosen"))
      let layers = try rows(ofCSV: folder + "/plan/layers.csv").rows
      #expect(!layers.isEmpty)
    }
  }

  @Test func anExecutedPlanAgreesWithItsForecast() throws {
    try withFolder { folder in
      let arguments = ["plan", "--model", "resnet8", "--batch-size", "4", "--execute"]
      let exact = try CommandRun(arguments + ["--budget", "3/4"], in: folder)
      #expect(exact.exitCode == 0, "\(exact.errors)")
      #expect(exact.output.contains("agree to the byte"))
      #expect(!exact.output.contains("erred"))
      let inexact = try CommandRun(
        arguments + ["--budget", "1/2", "--tolerance", "0.3"], in: folder)
      #expect(inexact.exitCode == 0, "\(inexact.errors)")
      #expect(inexact.output.contains("The gradient erred by"))
      #expect(inexact.output.contains("quantized("))
      let parts = try CommandRun(
        [
          "plan", "--model", "vgg8", "--batch-size", "8", "--execute", "--budget", "1/3",
          "--placement", "slab",
        ], in: folder)
      #expect(parts.exitCode == 0, "\(parts.errors)")
      #expect(parts.output.contains(" parts of "), "\(parts.output)")
      #expect(parts.output.contains("One slab of "))
    }
  }
}
