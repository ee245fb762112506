import Foundation
import Testing

@Suite struct CommandTests {
  // MARK: Wrong usage

  @Test(arguments: [
    (["comapre"], "did you mean 'compare'?"),
    (["help", "comapre"], "did you mean 'compare'?"),
    (["help", "nosuch"], "there is no command 'nosuch'"),
    (["help", "study", "tracee"], "did you mean 'trace'?"),
    (["study", "tracee"], "tracee"),
    (["models", "--threads", "2"], "--threads"),
    (["strategies", "--seed", "2"], "--seed"),
    (["compare", "--stpes", "3"], "--steps"),
    (["compare", "--steps"], "--steps"),
    (["compare", "extra"], "extra"),
    (["compare", "--steps", "0"], "'0' is invalid for '--steps <"),
    (["compare", "--steps", "many"], "'many' is invalid for '--steps <"),
    (["compare", "--batch-size", "-5"], "'-5' is invalid for '--batch-size <"),
    (["compare", "--batch-size", "0"], "'0' is invalid for '--batch-size <"),
    (["compare", "--batch-size", "99999999999999999999"], "from 1 to 1000000"),
    (["compare", "--threads", "0"], "'0' is invalid for '--threads <"),
    (["compare", "--seed", "-1"], "'-1' is invalid for '--seed <"),
    (["compare", "--model", "vg8"], "did you mean 'vgg8'?"),
    (["compare", "--strategy", "trase:8"], "did you mean 'trace'?"),
    (["compare", "--strategy", "trace:0"], "the number of probes is '0'"),
    (["compare", "--strategy", "checkpoint:99"], "at most"),
    (["compare", "--batch-size", "2001"], "2000 samples"),
    (["profile"], "--model"),
    (["profile", "--model", "lenet", "--input", "28"], "'28' is invalid for '--input <"),
    (["profile", "--model", "lenet", "--input", "4x4x1"], "conv2: "),
    (["profile", "--model", "lenet", "--classes", "1"], "'1' is invalid for '--classes <"),
    (["profile", "--model", "lenet", "--budget", "10"], "'10' is invalid for '--budget <"),
    (["models", "--input", "0x1x1"], "'0x1x1' is invalid for '--input <"),
    (["bench", "--layer", "3x3-28x28-128-12"], "did you mean '3x3-28x28-128-128'?"),
    (["bench", "--layer", "1,2,3"], "eleven whole numbers"),
    (["bench", "--layer", "1,3,4,4,8,9,9,1,0,1,1"], "spans 9 positions"),
    (["bench", "--model", "vgg9"], "did you mean 'vgg8'?"),
    (["bench", "--model", "vgg"], "vgg needs its depth, such as vgg:16"),
    (["profile", "--model", "resnet34"], "did you mean 'resnet:34'?"),
    (["profile", "--model", "resnet:18,widht=2"], "it has depth, width, stem and slope"),
    (["train", "--model", "resnet:18,width=99"], "'99'; it must be a number from 0.01 to 16"),
    (["bench", "--model", "vgg8", "--batch-size", "0"], "'0' is invalid for '--batch-size <"),
    (["bench", "--batch-size", "3"], "--model or --step"),
    (["bench", "--step", "lenet", "--input", "2x2x1"], "conv"),
    (["bench", "--direction", "backward"], "there are forward, data, weights"),
    (["bench", "--instruction-set", "sse9"], "baseline"),
    (["bench", "--seconds", "0"], "'0' is invalid for '--seconds <"),
    (["bench", "--seconds", "nan"], "'nan' is invalid for '--seconds <"),
    (["bench", "--ledger"], "give --step MODEL"),
    (["bench", "--weight-gradients", "--model", "lenet"], "give --step MODEL"),
    (["bench", "--strategy", "sqrt"], "give --step MODEL"),
  ])
  func wrongUsageIsExplainedInOneLine(arguments: [String], part: String) throws {
    try withFolder { folder in
      let data = arguments[0] == "compare" ? ["--data", CommandRun.bundledData] : []
      let run = try CommandRun(
        arguments.prefix(1) + data + arguments.dropFirst(), in: folder)
      #expect(run.exitCode == 64)
      #expect(run.errors.contains(part), "\(run.errors)")
      #expect(run.errors.hasPrefix("tidemark: "))
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      #expect(run.output.isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  // MARK: Files

  @Test func missingDataAreMissingInput() throws {
    try withFolder { folder in
      let run = try CommandRun(["compare", "--data", "\(folder)/none"], in: folder)
      #expect(run.exitCode == 66)
      #expect(run.errors.contains("\(folder)/none"))
    }
  }

  @Test func truncatedDataAreBadData() throws {
    try withFolder { folder in
      for name in try FileManager.default.contentsOfDirectory(atPath: CommandRun.bundledData)
      where name.hasSuffix(".gz") {
        let whole = try Data(contentsOf: URL(fileURLWithPath: CommandRun.bundledData + "/" + name))
        let kept = name.hasPrefix("t10k-images") ? whole.prefix(whole.count / 2) : whole
        try kept.write(to: URL(fileURLWithPath: folder + "/" + name))
      }
      let run = try CommandRun(["compare", "--data", folder], in: folder)
      #expect(run.exitCode == 65)
      #expect(run.errors.contains("t10k-images-idx3-ubyte.gz"), "\(run.errors)")
      #expect(run.errors.contains("truncated"))
    }
  }

  @Test(arguments: [["compare", "--steps", "1"], ["profile", "--model", "lenet"], ["bench"]])
  func aFolderBelowAFileCannotBeWritten(arguments: [String]) throws {
    try withFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      let run = try CommandRun(arguments + ["--output", "\(folder)/file/x"], in: folder)
      #expect(run.exitCode == 73)
      #expect(run.errors.contains("\(folder)/file/x"))
      #expect(run.output.isEmpty)
    }
  }

  @Test func anInterruptLeavesNoReports() throws {
    try withFolder { folder in
      let run = try CommandRun(
        ["compare", "--model", "lenet", "--steps", "1000000", "--data", CommandRun.bundledData],
        in: folder, interruptWhen: { $0 > 2 })
      #expect(run.exitCode == SIGINT)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/Reports").isEmpty)
    }
  }

  // MARK: Budgets

  @Test func aBudgetThatIsTooSmallIsReportedByTheLedger() throws {
    try withFolder { folder in
      let run = try CommandRun(
        ["profile", "--model", "lenet", "--batch-size", "4", "--budget", "900KiB"], in: folder)
      #expect(run.exitCode == 75)
      #expect(run.errors.contains("the limit of all categories is 900.00 KiB"), "\(run.errors)")
      #expect(run.errors.contains("top owners"))
    }
  }

  @Test func aForecastKnowsTheBudgetToTheByte() throws {
    try withFolder { folder in
      let arguments = ["profile", "--model", "lenet", "--batch-size", "4"]
      let first = try CommandRun(arguments, in: folder)
      #expect(first.exitCode == 0)
      let timeline = try rows(ofCSV: folder + "/Reports/profile/timeline.csv").rows
      let peak = try #require(timeline.compactMap { $0["total_bytes"].flatMap { Int($0) } }.max())
      for (budget, code) in [(peak, 0), (peak - 1, 75)] {
        for extra in [[], ["--forecast-only"]] {
          let run = try CommandRun(arguments + ["--budget", "\(budget)B"] + extra, in: folder)
          #expect(run.exitCode == code, "\(budget) \(extra) \(run.errors)")
        }
      }
    }
  }

  @Test func whatNoMachineHoldsIsRefusedAndCanBeForecast() throws {
    try withFolder { folder in
      let arguments = ["profile", "--model", "resnet18", "--batch-size", "1000000"]
      let run = try CommandRun(arguments, in: folder)
      #expect(run.exitCode == 75)
      #expect(run.errors.contains("--forecast-only"))
      #expect(try CommandRun(arguments + ["--forecast-only"], in: folder).exitCode == 0)
    }
  }

  @Test(arguments: ["full", "trace:65536", "checkpoint:4+trace:16", "sqrt"])
  func hugeNetworksCanBeForecast(strategy: String) throws {
    try withFolder { folder in
      for input in ["28x28x1", "224x224x3", "1024x1024x60"] {
        let run = try CommandRun(
          [
            "profile", "--model", "resnet18", "--batch-size", "1024", "--strategy", strategy,
            "--input", input, "--forecast-only", "--classes", "1000",
          ], in: folder)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("as forecast; nothing ran"))
      }
      let timeline = try rows(ofCSV: folder + "/Reports/profile/timeline.csv").rows
      #expect(!timeline.isEmpty)
      #expect(timeline.allSatisfy { $0["total_bytes"] == "" })
    }
  }

  // MARK: Results

  @Test func aSmallComparisonKeepsTheContract() throws {
    try withFolder { folder in
      let run = try CommandRun(
        [
          "compare", "--model", "lenet", "--strategy", "sqrt", "trace:2", "--strategy",
          "checkpoint:2+trace:4", "--steps", "2", "--batch-size", "4", "--threads", "2", "--data",
          CommandRun.bundledData,
        ], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(run.output.contains("2000 training"))
      #expect(run.output.contains("On lenet "))
      let reports = folder + "/Reports"
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: reports).sorted()
          == ["comparison.csv", "layers.csv", "timeline.csv"])
      let comparison = try rows(ofCSV: reports + "/comparison.csv")
      let contract = """
        model,dataset,batch_size,threads,strategy,exact,saved_bytes,activation_peak_bytes,\
        peak_bytes,forecast_peak_bytes,usable_peak_bytes,process_peak_rss_bytes,\
        recomputed_flops_fraction,step_seconds_median,step_ratio_to_full,\
        gradient_relative_error,final_loss,test_accuracy
        """
      #expect(comparison.columns.prefix(18).joined(separator: ",") == contract)
      #expect(
        comparison.rows.map { $0["strategy"] }
          == ["full", "sqrt", "trace:2", "checkpoint:2+trace:4"])
      let layers = try rows(ofCSV: reports + "/layers.csv").rows
      let timeline = try rows(ofCSV: reports + "/timeline.csv").rows
      for row in comparison.rows {
        try check(
          row, layers: layers.filter { $0["strategy"] == row["strategy"] },
          timeline: timeline.filter { $0["strategy"] == row["strategy"] })
      }
    }
  }

  /// Volumes are compared as images are, under any optimiser; what that keeps is counted.
  @Test func volumesAreComparedToo() throws {
    try withFolder { folder in
      let run = try CommandRun(
        [
          "compare", "--model", "unet3d-small", "lenet", "--strategy", "sqrt", "--steps", "2",
          "--batch-size", "2", "--train-limit", "3", "--optimizer", "adamw,amsgrad", "--average",
          "0.5", "--threads", "2",
        ], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(run.output.contains("2 steps of 2 volumes"), "\(run.output)")
      #expect(run.output.contains("2 steps of 2 images"), "\(run.output)")
      #expect(run.output.contains("of 3 volumes 1 at batch size 2"), "\(run.output)")
      let comparison = try rows(ofCSV: folder + "/Reports/comparison.csv").rows
      #expect(comparison.map { $0["strategy"] } == ["full", "sqrt", "full", "sqrt"])
      #expect(comparison.allSatisfy { $0["peak_bytes"] == $0["forecast_peak_bytes"] })
      #expect(comparison.map { $0["test_dice"]?.isEmpty } == [false, false, true, true])
      // Three numbers of the rule and the average, for each parameter.
      let timeline = try rows(ofCSV: folder + "/Reports/timeline.csv").rows
      #expect(
        timeline.first { $0["model"] == "lenet" }.flatMap { Int($0["optimizerState"] ?? "") }
          == 4 * 61_706 * 4)
    }
  }

  /// Checks one row of a comparison against the other two reports.
  private func check(
    _ row: [String: String], layers: [[String: String]], timeline: [[String: String]]
  ) throws {
    func number(_ name: String) throws -> Double {
      try #require(Double(row[name] ?? ""), "\(name)")
    }
    func sum(_ name: String) -> Double {
      layers.dropLast().reduce(0) { $0 + (Double($1[name] ?? "") ?? .nan) }
    }
    #expect(try number("peak_bytes") == number("forecast_peak_bytes"))
    #expect(try number("peak_bytes") <= number("usable_peak_bytes"))
    #expect(try number("usable_peak_bytes") <= number("process_peak_rss_bytes"))
    #expect(try number("saved_bytes") == sum("saved_bytes"))
    let total = try #require(layers.last)
    #expect(total["layer"] == "all")
    for name in ["flops", "parameter_bytes", "saved_bytes"] {
      #expect(total[name].flatMap { Double($0) } == sum(name), "\(name)")
    }
    #expect(!timeline.isEmpty)
    #expect(timeline.allSatisfy { $0["total_bytes"] == $0["forecast_total_bytes"] })
    #expect(
      try timeline.compactMap { Double($0["total_bytes"] ?? "") }.max() == number("peak_bytes"))
    let isExact = row["exact"] == "yes"
    #expect(try (number("gradient_relative_error") == 0) == isExact)
    #expect(isExact == !(row["strategy"] ?? "").contains("trace"))
  }

  @Test func aBenchmarkWritesWhatItWasAskedFor() throws {
    try withFolder { folder in
      let run = try CommandRun(
        [
          "bench", "--layer", "3x3-28x28-1-32", "--model", "lenet", "--step", "lenet",
          "--batch-size", "4", "--direction", "weights", "forward", "--instruction-set",
          "baseline", "--threads", "2", "--seconds", "0.01", "--weight-gradients",
          "--output", "out",
        ], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(run.output.contains("Limits with baseline and 2 threads"))
      let bench = try rows(ofCSV: folder + "/out/bench.csv").rows
      #expect(
        bench.prefix(4).map { "\($0["layer"] ?? "") \($0["direction"] ?? "")" } == [
          "3x3-28x28-1-32 forward", "3x3-28x28-1-32 weights", "lenet.conv1 forward",
          "lenet.conv1 weights",
        ])
      // Two convolutions and three linear layers besides the one of the table.
      #expect(bench.count == 12)
      #expect(bench.map { $0["batch_size"] } == ["128", "128"] + Array(repeating: "4", count: 10))
      let steps = try rows(ofCSV: folder + "/out/steps.csv").rows
      #expect(steps.map { $0["model"] } == ["lenet"])
      let gradients = try rows(ofCSV: folder + "/out/weight_gradients.csv").rows
      #expect(
        gradients.map { $0["layer"] } == ["conv1", "conv2", "fc1", "fc2", "fc3", "all"])
      #expect(run.output.contains("weight gradient of"))
    }
  }

  @Test func aLayerThatNoMachineHoldsIsRefused() throws {
    try withFolder { folder in
      let run = try CommandRun(
        ["bench", "--layer", "2000,640,640,64,640,3,3,1,1,1,1"], in: folder)
      #expect(run.exitCode == 75)
      #expect(run.errors.contains("choose a smaller one"), "\(run.errors)")
    }
  }

  // MARK: Lists and help

  @Test func modelsAndStrategiesAreListed() throws {
    try withFolder { folder in
      let models = try CommandRun(["models"], in: folder)
      for name in ["lenet", "vgg8", "resnet8", "resnet18"] {
        #expect(models.output.contains(name))
      }
      // The number that PyTorch reports for the same network.
      #expect(models.output.contains("61706"))
      let strategies = try CommandRun(["strategies"], in: folder)
      for name in ["full", "sqrt", "checkpoint:K", "trace:R"] {
        #expect(strategies.output.contains(name))
      }
      #expect(models.exitCode == 0 && strategies.exitCode == 0)
    }
  }

  @Test(arguments: ["compare", "train", "profile", "plan", "bench", "models", "strategies"])
  func everyCommandHasHelpWithAnExample(command: String) throws {
    try withFolder { folder in
      let run = try CommandRun([command, "--help"], in: folder)
      #expect(run.exitCode == 0)
      let computes = !["models", "strategies"].contains(command)
      for part in ["Example:", "tidemark \(command)"] + (computes ? ["--threads", "--seed"] : []) {
        #expect(run.output.contains(part), "\(part)")
      }
      // What a command has no use for it does not take.
      #expect(computes || !run.output.contains("--threads") && !run.output.contains("--seed"))
      for line in run.output.components(separatedBy: "USAGE:")[0].split(separator: "\n") {
        #expect(!line.trimmingCharacters(in: .whitespaces).contains("  "), "\(line)")
      }
    }
  }

  @Test func theVersionIsPrinted() throws {
    try withFolder { folder in
      let run = try CommandRun(["--version"], in: folder)
      #expect(run.exitCode == 0)
      #expect(run.output.split(separator: ".").count == 3)
    }
  }
}
