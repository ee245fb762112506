import Foundation
import Testing

@Suite(.serialized) struct TrainCommandTests {
  private let arguments = [
    "train", "--model", "lenet", "--epochs", "2", "--batch-size", "50", "--strategy", "trace:4",
    "--optimizer", "adam", "--data", CommandRun.bundledData,
  ]

  @Test(arguments: [
    (["--epochs", "0"], "'0' is invalid for '--epochs <"), (["--batch-size", "2001"], "2000"),
    (["--strategy", "trase:1"], "did you mean 'trace'?"), (["--model", "lenett"], "'lenet'"),
    (["--optimizer", "adan"], "did you mean 'adam'?"),
    (["--optimizer", "adam", "--momentum", "0.5"], "--momentum is '0.5'"),
    (["--optimizer", "sgd,momentum=0,nesterov"], "nesterov needs"),
    (["--average", "1"], "'1' is invalid for '--average"),
    (["--train-limit", "0"], "'0' is invalid for '--train-limit"),
    (["--train-limit", "63"], "63 samples of the data"),
    (["--learning-rate", "0"], "'0' is invalid for '--learning-rate <"),
    (["--learning-rate", "nan"], "'nan' is invalid for '--learning-rate <"),
    (["--momentum", "1"], "'1' is invalid for '--momentum <"),
    (["--weight-decay", "-1"], "'-1' is invalid for '--weight-decay"),
    (["--schedule", "cosin"], "did you mean 'cosine'?"),
    (["--schedule", "cosine,warmup=10", "--epochs", "1"], "less than the epochs"),
  ])
  func wrongUsageIsExplainedInOneLine(extra: [String], part: String) throws {
    try withFolder { folder in
      let run = try CommandRun(
        ["train", "--model", "lenet", "--data", CommandRun.bundledData] + extra, in: folder)
      #expect(run.exitCode == 64)
      #expect(run.errors.contains(part), "\(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      #expect(run.output.isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func interruptedAndKilledTrainingsEndWithTheSameFile() throws {
    try withFolder { folder in
      func parameters(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/parameters.safetensors"))
      }
      let whole = try CommandRun(arguments + ["--output", "whole"], in: folder)
      #expect(whole.exitCode == 0, "\(whole.errors)")
      #expect(whole.output.contains("lenet under trace:4, 2 epochs: test accuracy "))
      let metrics = try rows(ofCSV: "\(folder)/whole/metrics.csv").rows
      #expect(metrics.map { $0["epoch"] } == ["1", "2"])
      for signal in [SIGINT, SIGTERM, SIGKILL] {
        let name = "signal\(signal)"
        // There is a checkpoint as soon as the first of two epochs has ended.
        let checkpoint = "\(folder)/\(name)/checkpoint.safetensors"
        let first = try CommandRun(
          arguments + ["--output", name], in: folder,
          interruptWhen: { _ in FileManager.default.fileExists(atPath: checkpoint) },
          signal: signal)
        #expect(first.exitCode == signal, "\(first.errors)")
        #expect(signal == SIGKILL || first.errors.contains("--resume goes on"))
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")
        #expect(files.contains("checkpoint.safetensors"))
        #expect(!files.contains("parameters.safetensors"))
        let second = try CommandRun(arguments + ["--output", name, "--resume"], in: folder)
        #expect(second.exitCode == 0, "\(second.errors)")
        #expect(second.errors.contains("Going on from"))
        #expect(try parameters(name) == parameters("whole"))
        let resumed = try rows(ofCSV: "\(folder)/\(name)/metrics.csv").rows
        for column in ["steps", "training_loss", "test_accuracy", "peak_bytes"] {
          #expect(resumed.map { $0[column] } == metrics.map { $0[column] })
        }
      }
    }
  }

  @Test func anInterruptedEpochIsNotCalledDone() throws {
    try withFolder { folder in
      let checkpoint = "\(folder)/run/checkpoint.safetensors"
      let run = try CommandRun(
        [
          "train", "--model", "vgg8", "--batch-size", "50", "--threads", "1", "--data",
          CommandRun.bundledData, "--output", "run",
        ], in: folder,
        interruptWhen: seconds(1, after: { FileManager.default.fileExists(atPath: checkpoint) }))
      #expect(run.exitCode == SIGINT)
      #expect(run.errors.contains(": interrupted after "), "\(run.errors)")
      // There is a row for each epoch that was done.
      let metrics = (try? rows(ofCSV: "\(folder)/run/metrics.csv").rows) ?? []
      #expect(
        run.errors.components(separatedBy: "done in").count - 1 == metrics.count, "\(run.errors)")
    }
  }

  @Test func whatATrainingWritesIsWhatItWasTold() throws {
    try withFolder { folder in
      let run = try CommandRun(
        [
          "train", "--model", "resnet8", "--epochs", "1", "--batch-size", "64", "--train-limit",
          "200", "--optimizer", "rmsprop-tf,momentum=0.9,epsilon=0.001", "--weight-decay",
          "1e-5,only=weights", "--average", "0.9,warmup", "--schedule",
          "step:0.5,factor=0.5", "--learning-rate", "0.01", "--data", CommandRun.bundledData,
          "--output", "run",
        ], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(run.output.contains("the first 200 images are trained with"), "\(run.output)")
      #expect(run.output.contains("of 200 images 8 at batch size 64"), "\(run.output)")
      #expect(run.output.components(separatedBy: "Left out of each epoch").count == 2)
      let metrics = try rows(ofCSV: "\(folder)/run/metrics.csv").rows
      #expect(metrics.map { $0["steps"] } == ["3"])
      // Half an epoch of three steps has passed once before the last one.
      #expect(metrics.map { $0["learning_rate"] } == ["0.005"])
    }
  }

  /// The line that a terminal draws over and over must end before the sentence.
  @Test func anEpochThatFailsIsEnded() throws {
    try withFolder { folder in
      let run = try CommandRun(
        [
          "train", "--model", "vgg8", "--batch-size", "20", "--learning-rate", "1000", "--data",
          CommandRun.bundledData, "--output", "run",
        ], in: folder)
      #expect(run.exitCode == 65)
      let lines = run.errors.split(separator: "\n")
      try #require(lines.count == 2, "\(run.errors)")
      #expect(lines[0].hasPrefix("epoch 1/5: diverged after "), "\(run.errors)")
      #expect(lines[1].hasPrefix("tidemark: the loss is "), "\(run.errors)")
      // Some processors give a sign to what is not a number.
      #expect(!run.errors.contains("nan"), "\(run.errors)")
    }
  }

  @Test func nothingIsOverwrittenOrLost() throws {
    try withFolder { folder in
      let output = ["--output", "run", "--epochs", "1", "--batch-size", "500"]
      let missing = try CommandRun(arguments + output + ["--resume"], in: folder)
      #expect(missing.exitCode == 66)
      #expect(missing.errors.contains("'run' does not exist"))
      #expect(try CommandRun(arguments + output, in: folder).exitCode == 0)
      let checkpoint = URL(fileURLWithPath: "\(folder)/run/checkpoint.safetensors")
      let bytes = try Data(contentsOf: checkpoint)
      let again = try CommandRun(arguments + output, in: folder)
      #expect(again.exitCode == 73)
      #expect(again.errors.contains("add --resume"), "\(again.errors)")
      let other = try CommandRun(arguments + output + ["--resume", "--seed", "1"], in: folder)
      #expect(other.exitCode == 65)
      #expect(other.errors.contains("seed 0, not 1"))
      #expect(try Data(contentsOf: checkpoint) == bytes)
      try bytes.dropLast(1).write(to: checkpoint)
      let truncated = try CommandRun(arguments + output + ["--resume"], in: folder)
      #expect(truncated.exitCode == 65)
      #expect(truncated.errors.contains("truncated"), "\(truncated.errors)")
      #expect(truncated.errors.filter { $0 == "\n" }.count == 1)
    }
  }

  /// Either of the other files tells that a training was made here.
  @Test(arguments: ["metrics.csv", "parameters.safetensors"], [[], ["--resume"]])
  func whatATrainingWroteIsKeptWithoutItsCheckpoint(file: String, extra: [String]) throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/run", withIntermediateDirectories: false)
      let path = "\(folder)/run/\(file)"
      try Data("of a training".utf8).write(to: URL(fileURLWithPath: path))
      let run = try CommandRun(
        arguments + ["--output", "run", "--epochs", "1", "--batch-size", "500"] + extra,
        in: folder)
      #expect(run.exitCode == 73)
      #expect(run.errors.contains("'run/\(file)'"), "\(run.errors)")
      #expect(run.errors.contains("choose another --output"), "\(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      #expect(run.output.isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/run") == [file])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "of a training")
    }
  }

  @Test func badVolumesAreExplained() throws {
    try withFolder { folder in
      for name in ["images", "labels"] {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("no volume".utf8).write(to: URL(fileURLWithPath: "\(path)/a.nii"))
        try Data("no volume".utf8).write(to: URL(fileURLWithPath: "\(path)/b.nii"))
      }
      let arguments = ["train", "--model", "unet3d-small", "--data"]
      let damaged = try CommandRun(arguments + [folder], in: folder)
      #expect(damaged.exitCode == 65)
      #expect(damaged.errors.contains("images/a.nii' is not a NIfTI-1 file"), "\(damaged.errors)")
      let missing = try CommandRun(arguments + ["none"], in: folder)
      #expect(missing.exitCode == 66)
      #expect(missing.errors.contains("'none/images': it does not exist"), "\(missing.errors)")
      let images = try CommandRun(
        ["compare", "--model", "unet3d-small", "--data", CommandRun.bundledData], in: folder)
      #expect(images.exitCode == 66)
      #expect(images.errors.contains("/images': it does not exist"), "\(images.errors)")
    }
  }
}
