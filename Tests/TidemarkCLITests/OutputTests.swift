import Foundation
import Testing

/// What happens where output cannot be written.
@Suite struct OutputTests {
  private let small = "--strategy full trace:2 --steps 1 --batch-size 2 --threads 1"

  private func files(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  // MARK: Standard output

  @Test(arguments: [
    "models", "strategies", "--help", "help train", "train --help", "--version",
    "profile --model lenet --batch-size 2 --forecast-only", "plan --model lenet --budget 1/2",
    "bench --layer 3x3-28x28-1-32 --seconds 0.01 --threads 1",
    "measure --model lenet --batch-size 2 --threads 1",
  ])
  func aFullDeviceIsAnError(arguments: String) throws {
    try withFolder { folder in
      let run = try CommandRun(shell: "\"$T\" \(arguments) > /dev/full", in: folder)
      #expect(run.exitCode == 74, "\(run.errors)")
      #expect(
        run.errors.hasSuffix("tidemark: cannot write to standard output: no space is left\n"),
        "\(run.errors)")
    }
  }

  @Test func aClosedOutputIsAnErrorAndTakesNoFilesPlace() throws {
    try withFolder { folder in
      let run = try CommandRun(
        shell: "\"$T\" profile --model lenet --batch-size 2 --forecast-only --output out >&-",
        in: folder)
      #expect(run.exitCode == 74)
      #expect(run.errors.hasSuffix("standard output: it is closed\n"), "\(run.errors)")
      let layers = try String(contentsOfFile: "\(folder)/out/layers.csv", encoding: .utf8)
      #expect(layers.hasPrefix("model,strategy,layer,"))
      #expect(!layers.contains("lenet under full"))
    }
  }

  /// `head` leaves after the first line; what is worth minutes must not leave with it.
  @Test func aReaderThatLeavesCostsNoFiles() throws {
    try withFolder { folder in
      let data = "--data \(CommandRun.bundledData)"
      let run = try CommandRun(
        shell: "\"$T\" compare --model lenet \(small) \(data) --output out | head -1", in: folder)
      #expect(run.exitCode == 74)
      #expect(run.output.split(separator: "\n").count == 1)
      #expect(!run.errors.contains("tidemark: "), "\(run.errors)")
      #expect(try files(in: "\(folder)/out") == ["comparison.csv", "layers.csv", "timeline.csv"])
    }
  }

  /// Files are written before anything is printed about them.
  @Test(arguments: [
    ("profile --model lenet --batch-size 2 --steps 1 --threads 1", "timeline.html"),
    ("plan --model lenet --budget 1/2 --threads 1", "curve.svg"),
    ("bench --layer 3x3-28x28-1-32 --seconds 0.01 --threads 1", "bench.csv"),
    ("study estimators --model lenet --probes 4 --batch-size 500 --threads 2", "estimators.csv"),
  ])
  func filesComeBeforeTables(arguments: String, file: String) throws {
    try withFolder { folder in
      let data = arguments.hasPrefix("study") ? "--data \(CommandRun.bundledData)" : ""
      let run = try CommandRun(
        shell: "\"$T\" \(arguments) \(data) --output out > /dev/full", in: folder)
      #expect(run.exitCode == 74, "\(run.errors)")
      #expect(try files(in: "\(folder)/out").contains(file))
    }
  }

  // MARK: Files

  @Test(arguments: [
    "train --model lenet", "compare", "profile --model lenet", "plan --model lenet --budget 1/2",
    "bench", "study trace", "study estimators",
  ])
  func aFolderWithoutANameIsWrongUsage(arguments: String) throws {
    try withFolder { folder in
      for flag in ["--output", "--data"] {
        if flag == "--data", !["train", "compare", "study"].contains(where: arguments.hasPrefix) {
          continue
        }
        let run = try CommandRun(shell: "\"$T\" \(arguments) \(flag) \"\"", in: folder)
        #expect(run.exitCode == 64, "\(flag): \(run.errors)")
        #expect(
          run.errors.contains(
            "'' is invalid for '\(flag) <folder>': it must be the name of a folder"),
          "\(run.errors)")
        #expect(try files(in: folder).isEmpty)
      }
    }
  }

  @Test(arguments: [
    "train --model vgg8 --batch-size 500 --epochs 1", "profile --model vgg8 --forecast-only",
    "compare --model lenet --strategy full --steps 1 --batch-size 2",
  ])
  func aLimitOfFileSizesIsAnError(arguments: String) throws {
    try withFolder { folder in
      let data = arguments.hasPrefix("profile") ? "" : "--data \(CommandRun.bundledData)"
      let run = try CommandRun(
        shell: "ulimit -f 1; \"$T\" \(arguments) \(data) --threads 2 --output out", in: folder)
      #expect(run.exitCode == 74, "\(run.errors)")
      #expect(run.errors.contains("larger than this process"), "\(run.errors)")
      #expect(try files(in: "\(folder)/out").isEmpty)
    }
  }
}
