import Foundation
import Testing

/// What happens where there is too little: memory, samples, classes.
@Suite struct LimitTests {
  /// Whatever the address space is limited to: a command does its work or says that it cannot.
  @Test func littleMemoryIsNoDefect() throws {
    try withFolder { folder in
      var codes: [Int32] = []
      for (round, kibibytes) in stride(from: 50_000, through: 200_000, by: 10_000).enumerated() {
        let run = try CommandRun(
          shell: "ulimit -v \(kibibytes); \"$T\" profile --model lenet --batch-size 4 --threads 8 "
            + "--output out\(round)", in: folder)
        codes.append(run.exitCode)
        // Code 127: there is not even room for the libraries.
        #expect([0, 75, 127].contains(run.exitCode), "\(kibibytes): \(run.errors)")
        #expect(!run.errors.contains("defect"), "\(kibibytes): \(run.errors)")
        guard run.exitCode == 75 else { continue }
        #expect(run.errors.contains("tidemark: "), "\(kibibytes): \(run.errors)")
      }
      #expect(codes.contains(75) && codes.last == 0, "\(codes)")
    }
  }

  @Test func threadsThatCannotStartAreSaid() throws {
    try withFolder { folder in
      let run = try CommandRun(
        shell: "ulimit -v 400000; \"$T\" profile --model lenet --batch-size 4 --threads 256",
        in: folder)
      #expect(run.exitCode == 75)
      #expect(run.errors.contains("of 256 threads"), "\(run.errors)")
    }
  }

  /// What the limit leaves is known before the work is begun.
  @Test func aLimitOfTheAddressSpaceIsPartOfTheMemoryThatThereIs() throws {
    try withFolder { folder in
      let run = try CommandRun(
        shell: "ulimit -v 500000; \"$T\" profile --model vgg8 --batch-size 4096 --threads 1",
        in: folder)
      #expect(run.exitCode == 75)
      #expect(run.errors.contains("this process can have"), "\(run.errors)")
      #expect(run.errors.contains("--forecast-only"), "\(run.errors)")
    }
  }

  @Test(arguments: [
    ["profile"], ["profile", "--forecast-only"], ["plan", "--budget", "1/2"],
    ["profile", "--strategy", "sqrt"], ["bench", "--step"],
  ])
  func normalisationOfOneValueIsBadData(arguments: [String]) throws {
    try withFolder { folder in
      let model = arguments.last == "--step" ? ["resnet50"] : ["--model", "resnet50"]
      let run = try CommandRun(
        arguments + model + ["--input", "32x32x3", "--batch-size", "1", "--threads", "2"],
        in: folder)
      #expect(run.exitCode == 65, "\(run.errors)")
      #expect(run.errors.contains("it cannot be trained with one value a channel"), "\(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  /// One sample is no training there, and still tells what a sample takes.
  @Test func smallImagesAreNoTrialsOfOneSample() throws {
    try withFolder { folder in
      #expect(try CommandRun(["models", "--input", "32x32x3"], in: folder).exitCode == 0)
      let plan = try CommandRun(
        [
          "plan", "--model", "resnet50", "--input", "32x32x3", "--batch-size", "2", "--budget",
          "1/2",
          "--threads", "1",
        ], in: folder)
      #expect(plan.exitCode == 0, "\(plan.errors)")
    }
  }

  @Test func volumesSayTheirClasses() throws {
    try withFolder { folder in
      try writeVolumes(in: folder, labels: [0, 255])
      let run = try CommandRun(
        [
          "train", "--model", "unet3d-small", "--data", folder, "--epochs", "1", "--batch-size",
          "1",
          "--threads", "1", "--output", "out",
        ], in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(
        run.output.contains("Classes: 0 with 960, 1 (label 255) with 64 voxels."), "\(run.output)")
      #expect(run.errors.contains("Warning: the labels in '\(folder)/labels' are 0, 255"))
    }
  }

  /// Two volumes of 8³ voxels whose last slice but a half has the second label.
  private func writeVolumes(in folder: String, labels: [UInt8]) throws {
    var header = [UInt8](repeating: 0, count: 352)
    func put(_ number: Int, at place: Int) {
      header[place] = UInt8(number & 0xff)
      header[place + 1] = UInt8(number >> 8)
    }
    put(348, at: 0)
    for (index, number) in [3, 8, 8, 8].enumerated() { put(number, at: 40 + 2 * index) }
    put(2, at: 70)
    header.replaceSubrange(108..<112, with: [0, 0, 0xb0, 0x43])
    header.replaceSubrange(344..<348, with: Array("n+1\0".utf8))
    for part in ["images", "labels"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
      for name in ["a", "b"] {
        let voxels = (0..<512).map { voxel in
          part == "images" ? UInt8(voxel % 100) : labels[voxel < 480 ? 0 : 1]
        }
        try Data(header + voxels).write(to: URL(fileURLWithPath: "\(folder)/\(part)/\(name).nii"))
      }
    }
  }
}
