import Testing

/// `--train-only`: what is frozen costs nothing, and names that fit no layer are refused.
@Suite struct FreezingTests {
  @Test func theHeadAloneKeepsThePooledFeatures() throws {
    try withFolder { folder in
      let run = try CommandRun(
        [
          "profile", "--model", "resnet50", "--batch-size", "64", "--train-only", "fc",
          "--forecast-only", "--output", "out",
        ], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      let layers = try rows(ofCSV: folder + "/out/layers.csv").rows
      let total = try #require(layers.last)
      #expect(total["layer"] == "all")
      // 2,048 pooled features and 1,000 probabilities a sample.
      #expect(total["saved_bytes"] == "\(64 * (2048 + 1000) * 4)")
    }
  }

  @Test func aTrainingOfTheLastLayersGoesOn() throws {
    try withFolder { folder in
      func train(_ more: [String]) throws -> CommandRun {
        try CommandRun(
          [
            "train", "--model", "resnet8", "--batch-size", "8", "--train-limit", "16",
            "--train-only", "block3.,fc", "--output", "out",
          ] + more, in: folder)
      }
      let first = try train(["--epochs", "1"])
      #expect(first.exitCode == 0, "\(first.errors)")
      let second = try train(["--epochs", "2", "--resume"])
      #expect(second.exitCode == 0, "\(second.errors)")
      let other = try CommandRun(
        [
          "train", "--model", "resnet8", "--batch-size", "8", "--train-limit", "16", "--epochs",
          "3",
          "--train-only", "fc", "--output", "out", "--resume",
        ], in: folder)
      #expect(other.exitCode != 0 && other.errors.contains("train-only"), "\(other.errors)")
    }
  }

  @Test func frozenLayersAreComparedToo() throws {
    try withFolder { folder in
      let run = try CommandRun(
        [
          "compare", "--model", "resnet8", "--strategy", "full", "sqrt", "--steps", "2",
          "--batch-size", "8", "--train-only", "block3", "--frozen-batch-statistics", "--output",
          "out",
        ], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      for row in try rows(ofCSV: folder + "/out/comparison.csv").rows {
        #expect(row["peak_bytes"] == row["forecast_peak_bytes"])
        #expect(row["gradient_relative_error"].flatMap { Double($0) } == 0)
      }
    }
  }

  @Test(arguments: [
    (["--train-only", "nosuch"], "no layer with parameters has a name that begins with 'nosuch'"),
    (["--train-only", "fc,"], "beginnings of layers' names"),
    (["--frozen-batch-statistics"], "--train-only"),
  ])
  func whatFitsNothingIsRefused(flags: [String], reason: String) throws {
    try withFolder { folder in
      let run = try CommandRun(
        ["profile", "--model", "resnet8", "--forecast-only"] + flags, in: folder)
      #expect([64, 65].contains(run.exitCode))
      #expect(run.errors.contains(reason), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count <= 2, "\(run.errors)")
    }
  }
}
