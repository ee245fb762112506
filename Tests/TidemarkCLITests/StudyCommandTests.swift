import Foundation
import Testing

@Suite(.serialized) struct StudyCommandTests {
  private let arguments = [
    "study", "trace", "--model", "lenet", "--probes", "2", "16", "--batch-sizes", "50", "100",
    "--seeds", "2", "--steps", "2", "--data", CommandRun.bundledData, "--output", "out",
  ]

  @Test(arguments: [
    (["--probes", "0"], "'0' is invalid for '--probes <"),
    (["--batch-sizes", "x"], "'x' is invalid for '--batch-sizes <"),
    (["--seeds", "0"], "'0' is invalid for '--seeds <"),
    (["--steps", "0"], "'0' is invalid for '--steps <"),
    (["--epochs", "1", "--steps", "2"], "--steps is '2'; it must be left out"),
    (["--batch-sizes", "4000"], "2000 samples"), (["--model", "vgg88"], "did you mean 'vgg8'?"),
  ])
  func wrongUsageIsExplainedInOneLine(extra: [String], part: String) throws {
    try withFolder { folder in
      let run = try CommandRun(
        ["study", "trace", "--data", CommandRun.bundledData] + extra, in: folder)
      #expect(run.exitCode == 64)
      #expect(run.errors.contains(part), "\(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func aStudyGoesOnWhereItWasInterrupted() throws {
    try withFolder { folder in
      let first = try CommandRun(arguments, in: folder)
      #expect(first.exitCode == 0, "\(first.errors)")
      #expect(first.errors.contains("20 of 20 trainings to make: about "), "\(first.errors)")
      #expect(
        first.errors.contains("after 2 steps of training: about "), "\(first.errors)")
      for part in ["published", "ours", "B = 50", "B = 100", " ± ", "quantisation"] {
        #expect(first.output.contains(part), "\(part)")
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").sorted()
      #expect(
        files == [
          "accuracy-100.svg", "accuracy-50.svg", "accuracy.csv", "errors.csv", "errors.svg",
        ])
      let path = "\(folder)/out/accuracy.csv"
      let whole = try rows(ofCSV: path).rows
      #expect(whole.count == 20)
      let errors = try rows(ofCSV: "\(folder)/out/errors.csv").rows
      #expect(Set(errors.compactMap { $0["method"] }).count >= 7)
      #expect(errors.first?["compression"] == "1.0")
      // Exact methods have their place, and two seeds a spread.
      let chart = try String(contentsOfFile: "\(folder)/out/errors.svg", encoding: .utf8)
      for name in ["exact", "full", "checkpointing", "ours"] {
        #expect(chart.contains(">\(name)<"))
      }
      let lines = try String(contentsOfFile: "\(folder)/out/accuracy-50.svg", encoding: .utf8)
      // For both methods and both numbers of probes a bar and its two ends; a band around the level.
      #expect(lines.split(separator: "stroke=\"#4477aa\"/>").count == 1 + 2 * 3)
      #expect(lines.split(separator: "stroke=\"#ee6677\"/>").count == 1 + 2 * 3)
      #expect(lines.contains("fill-opacity=\"0.08\""))

      // As if it had been interrupted after seven trainings.
      let rest = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\r\n")
      try (rest.prefix(8) + [""]).joined(separator: "\r\n")
        .write(toFile: path, atomically: true, encoding: .utf8)
      let second = try CommandRun(arguments, in: folder)
      #expect(second.exitCode == 0, "\(second.errors)")
      #expect(second.errors.contains("13 of 20 trainings to make"), "\(second.errors)")
      #expect(!second.errors.contains("errors of gradients"), "\(second.errors)")
      let resumed = try rows(ofCSV: path).rows
      for column in ["method", "probes", "batch_size", "seed", "test_accuracy", "saved_bytes"] {
        #expect(resumed.map { $0[column] } == whole.map { $0[column] })
      }

      let other = try CommandRun(arguments + ["--steps", "3"], in: folder)
      #expect(other.exitCode == 65)
      #expect(other.errors.contains("choose another --output"), "\(other.errors)")
      try "nothing".write(toFile: path, atomically: true, encoding: .utf8)
      let damaged = try CommandRun(arguments, in: folder)
      #expect(damaged.exitCode == 65)
      #expect(damaged.errors.contains("not a file of accuracies"), "\(damaged.errors)")
    }
  }

  /// In the midst of the trainings, and of the errors of gradients that follow them.
  @Test(arguments: [
    ("1000", "trainings, per cent of time"), ("1", "errors of gradients, per cent of time"),
  ])
  func anInterruptedStudyIsNotCalledDone(steps: String, task: String) throws {
    try withFolder { folder in
      let printed = "\(folder)/\(CommandRun.errorsFile)"
      let previous = steps == "1" ? "trainings, per cent of time: done in" : "trainings to make"
      let run = try CommandRun(
        [
          "study", "trace", "--model", "vgg8", "--probes", "2", "--batch-sizes", "50",
          "--seeds", "1", "--steps", steps, "--threads", "1", "--data", CommandRun.bundledData,
          "--output", "out",
        ], in: folder,
        interruptWhen: seconds(
          0.5,
          after: {
            (try? String(contentsOfFile: printed, encoding: .utf8))?.contains(previous) == true
          }))
      #expect(run.exitCode == SIGINT)
      #expect(run.errors.contains("\n\(task): interrupted after "), "\(run.errors)")
      #expect(!run.errors.contains("\(task): done"), "\(run.errors)")
      #expect(run.errors.hasSuffix(" errors of out/errors.csv.\n"), "\(run.errors)")
    }
  }

  @Test func theErrorsOfAStudyGoOnWhereTheyWereInterrupted() throws {
    try withFolder { folder in
      let arguments =
        arguments + ["--batch-sizes", "20", "--seeds", "1", "--probes", "1", "--output", "out"]
      let first = try CommandRun(arguments, in: folder)
      #expect(first.exitCode == 0, "\(first.errors)")
      let path = "\(folder)/out/errors.csv"
      let whole = try String(contentsOfFile: path, encoding: .utf8)
      let count = try rows(ofCSV: path).rows.count
      #expect(first.errors.contains("\(count) of \(count) errors of gradients to measure"))

      // As if it had been interrupted after five errors.
      let lines = whole.components(separatedBy: "\r\n")
      try (lines.prefix(6) + [""]).joined(separator: "\r\n")
        .write(toFile: path, atomically: true, encoding: .utf8)
      let second = try CommandRun(arguments, in: folder)
      #expect(second.exitCode == 0, "\(second.errors)")
      #expect(
        second.errors.contains("\(count - 5) of \(count) errors of gradients to measure, after"),
        "\(second.errors)")
      #expect(!second.errors.contains("trainings to make"), "\(second.errors)")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == whole)

      // Nothing is left to do but to draw.
      let chart = "\(folder)/out/errors.svg"
      let drawn = try String(contentsOfFile: chart, encoding: .utf8)
      try FileManager.default.removeItem(atPath: chart)
      let third = try CommandRun(arguments, in: folder)
      #expect(third.exitCode == 0 && third.output == first.output, "\(third.errors)")
      // What was drawn, and what is beside it.
      #expect(third.errors.filter { $0 == "\n" }.count == 2, "\(third.errors)")
      #expect(try String(contentsOfFile: chart, encoding: .utf8) == drawn)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == whole)
    }
  }

  /// Found out before hours of trainings, not after them.
  @Test func errorsOfAnotherStudyOrThatCannotBeWrittenAreFoundFirst() throws {
    try withFolder { folder in
      let out = "\(folder)/out"
      try FileManager.default.createDirectory(
        atPath: "\(out)/errors.csv", withIntermediateDirectories: true)
      let blocked = try CommandRun(arguments, in: folder)
      #expect(blocked.exitCode == 73, "\(blocked.errors)")
      #expect(blocked.errors.contains("errors.csv") && blocked.output.isEmpty)
      try FileManager.default.removeItem(atPath: "\(out)/errors.csv")
      let columns =
        "model,dataset,training,batch_size,method,strategy,saved_bytes,compression,"
        + "activation_peak_bytes,gradient_relative_error"
      for (text, part) in [
        (columns + "\nvgg8,a,b,9,full,full,1,1.0,1,0.0", "'vgg8', not 'lenet'"),
        (
          columns + "\nlenet,fashion-mnist,2 steps of adam 0.001,64,full,full,1,1.0,1,0.0",
          "'batches of 64', not 'batches of 100'; choose another --output"
        ),
        (columns + "\nlenet,fashion-mnist,2 steps of adam 0.001,x,full,full,1,1.0,1,0", "line 2"),
        ("nothing", "is not a file of errors that a study wrote"),
      ] {
        try text.write(toFile: "\(out)/errors.csv", atomically: true, encoding: .utf8)
        let run = try CommandRun(arguments, in: folder)
        #expect(run.exitCode == 65 && run.errors.contains(part), "\(run.errors)")
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: out) == ["errors.csv"])
      }
    }
  }

  @Test func aStudyHasHelpWithAnExample() throws {
    try withFolder { folder in
      let run = try CommandRun(["study", "trace", "--help"], in: folder)
      #expect(run.exitCode == 0)
      for part in ["Example:", "tidemark study trace", "--threads"] {
        #expect(run.output.contains(part), "\(part)")
      }
    }
  }
}
