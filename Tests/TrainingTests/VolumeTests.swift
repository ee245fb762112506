import Files
import Kernels
import NativeEngine
import Networks
import Planning
import TestSupport
import Testing

@testable import Training

@Suite struct VolumeTests {
  /// The bytes of a NIfTI file; fields can be spoilt.
  private func nifti(
    extents: [Int] = [4, 3, 2], type: Int = 2, voxels: [UInt8]? = nil, slope: Float = 0,
    intercept: Float = 0, swapped: Bool = false, offset: Float = 352, magic: String = "n+1\0",
    size: Int = 348, axisCount: Int? = nil
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 352)
    func put<Word: FixedWidthInteger>(_ word: Word, at place: Int) {
      let size = MemoryLayout<Word>.size
      for index in 0..<size {
        let shift = 8 * (swapped ? size - 1 - index : index)
        bytes[place + index] = UInt8(truncatingIfNeeded: word >> shift)
      }
    }
    put(Int32(size), at: 0)
    put(Int16(axisCount ?? extents.count), at: 40)
    for (axis, extent) in extents.enumerated() { put(Int16(extent), at: 42 + 2 * axis) }
    put(Int16(type), at: 70)
    put(offset.bitPattern, at: 108)
    put(slope.bitPattern, at: 112)
    put(intercept.bitPattern, at: 116)
    bytes.replaceSubrange(344..<348, with: Array(magic.utf8))
    let count = extents.reduce(1, *)
    return bytes + (voxels ?? (0..<count).map { UInt8($0 % 200) })
  }

  private func read(_ bytes: [UInt8], name: String = "v.nii") throws -> NIfTIFile {
    var file: NIfTIFile?
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/\(name)")
      file = try NIfTIFile(path: "\(folder)/\(name)")
    }
    return try #require(file)
  }

  private func problem(_ bytes: [UInt8]) throws -> NIfTIError.Problem? {
    do {
      _ = try read(bytes).intensities()
      return nil
    } catch let error as NIfTIError {
      #expect(error.category == .badData)
      #expect(!error.description.contains("\n"))
      return error.problem
    }
  }

  // MARK: Files

  @Test func headersAreReadAndFollowed() throws {
    let plain = try read(nifti())
    #expect(plain.extents == [2, 3, 4])
    let numbers = try plain.intensities()
    #expect(numbers == (0..<24).map(Float.init))
    #expect(try read(gzip(nifti()), name: "v.nii.gz").intensities() == numbers)
    #expect(try read(nifti(slope: 2, intercept: -1)).intensities()[5] == 9)
    #expect(try read(nifti(extents: [4, 3, 2, 1, 1])).extents == [2, 3, 4])
  }

  /// The bytes of words, the lowest or the highest first.
  private func bytes(_ words: [some FixedWidthInteger], swapped: Bool) -> [UInt8] {
    words.flatMap { word in
      let bytes = stride(from: 0, to: word.bitWidth, by: 8).map {
        UInt8(truncatingIfNeeded: word >> $0)
      }
      return swapped ? bytes.reversed() : bytes
    }
  }

  /// Expects three numbers of a type to be read as intensities, and the last, which is 7, as a label.
  private func expect(
    _ type: Int, _ words: [some FixedWidthInteger], _ numbers: [Float]
  ) throws {
    for swapped in [false, true] {
      let all = nifti(
        extents: [3, 1, 1], type: type, voxels: bytes(words, swapped: swapped), swapped: swapped)
      #expect(try read(all).intensities() == numbers, "type \(type), swapped \(swapped)")
      let last = nifti(
        extents: [1, 1, 1], type: type, voxels: bytes(words.suffix(1), swapped: swapped),
        swapped: swapped)
      #expect(try read(last).labels() == [7], "type \(type), swapped \(swapped)")
    }
  }

  @Test func allTypesAndOrdersAreRead() throws {
    try expect(2, [0, 255, 7] as [UInt8], [0, 255, 7])
    try expect(256, [-128, 127, 7] as [Int8], [-128, 127, 7])
    try expect(4, [-32_768, 259, 7] as [Int16], [-32_768, 259, 7])
    try expect(512, [65_535, 259, 7] as [UInt16], [65_535, 259, 7])
    try expect(8, [.min, 16_909_060, 7] as [Int32], [-0x1p31, 16_909_060, 7])
    try expect(768, [.max, 16_909_060, 7] as [UInt32], [0x1p32, 16_909_060, 7])
    try expect(16, [-3, 0x1.fffffep127, 7].map(\Float.bitPattern), [-3, 0x1.fffffep127, 7])
    try expect(64, [-3, 0.1, 7].map(\Double.bitPattern), [-3, 0.1, 7])
  }

  /// Numbers that floats do not tell apart are scaled before they become floats.
  @Test func largeNumbersAreScaledExactly() throws {
    let file = nifti(
      extents: [2, 1, 1], type: 8,
      voxels: bytes([0x100_0001, 0x100_0002] as [Int32], swapped: false), slope: 1,
      intercept: -0x1p24)
    #expect(try read(file).intensities() == [1, 2])
    #expect(try read(file).labels() == [1, 2])
  }

  @Test func badFilesAreExplained() throws {
    #expect(try problem([]) == .notNIfTI)
    #expect(try problem(Array(nifti().prefix(347))) == .notNIfTI)
    #expect(try problem(nifti(size: 540)) == .notNIfTI)
    #expect(try problem(nifti(magic: "n+2\0")) == .notNIfTI)
    #expect(try problem(nifti(axisCount: 9)) == .notNIfTI)
    #expect(try problem(nifti(axisCount: -1)) == .notNIfTI)
    #expect(try problem(nifti(magic: "ni1\0")) == .separateImage)
    #expect(try problem(nifti(extents: [4, 3])) == .badExtents([4, 3]))
    #expect(try problem(nifti(extents: [4, 3, 0])) == .badExtents([4, 3, 0]))
    #expect(try problem(nifti(extents: [4, 3, -1], voxels: [])) == .badExtents([4, 3, -1]))
    #expect(try problem(nifti(extents: [4, 3, 2, 2])) == .badExtents([4, 3, 2, 2]))
    let huge = [32_767, 32_767, 32_767]
    #expect(
      try problem(nifti(extents: huge, voxels: [])) == .tooLarge(huge, most: 1_073_741_824))
    #expect(
      try problem(nifti(extents: huge + [1], voxels: []))
        == .tooLarge(huge + [1], most: 1_073_741_824))
    #expect(try problem(nifti(extents: huge + [2], voxels: [])) == .badExtents(huge + [2]))
    #expect(
      NIfTIError(path: "f", problem: .tooLarge(huge, most: 9)).description
        == "'f' is too large: it has 32767x32767x32767 voxels, and at most 9 are read")
    // Numbers of 64 bits, complex ones and colours.
    for type in [0, 1, 32, 128, 1024, 1280, 1536, 2304] {
      #expect(try problem(nifti(type: type)) == .unsupportedType(type))
    }
    for offset: Float in [-1, 0, 347, 400.5, .infinity] {
      #expect(try problem(nifti(offset: offset)) == .badOffset(Double(offset)))
    }
    #expect(try problem(nifti(offset: 360)) == .truncated(bytes: 16, expected: 24))
    #expect(try problem(nifti().dropLast()) == .truncated(bytes: 23, expected: 24))
    #expect(try problem(nifti(type: 64)) == .truncated(bytes: 24, expected: 192))
    let notANumber = bytes([0, Float.nan.bitPattern], swapped: false)
    #expect(
      try problem(nifti(extents: [1, 1, 2], type: 16, voxels: notANumber)) == .notFinite(voxel: 1))
    let tooLarge = bytes([0, 1e39].map(\Double.bitPattern), swapped: false)
    #expect(
      try problem(nifti(extents: [1, 1, 2], type: 64, voxels: tooLarge)) == .notFinite(voxel: 1))
    #expect(throws: DatasetError.self) {
      _ = try read(Array(gzip(nifti()).dropLast(9)), name: "v.nii.gz")
    }
  }

  /// The voxels end before the stream does, so that the checksum is not met on the way.
  @Test func compressedFilesAreReadToTheirEnd() throws {
    let voxels = (0..<24).map { UInt8($0 * 31 % 251) }
    let whole = nifti(voxels: voxels)
    for tail in [0, 1, 32, 200_000] {
      let padded = whole + [UInt8](repeating: 0, count: tail)
      let file = gzip(padded)
      let numbers = try read(file, name: "v.nii.gz").intensities()
      #expect(numbers == voxels.map(Float.init))
      #expect(try read(file + [0, 0], name: "v.nii.gz").intensities() == numbers)
      #expect(
        try read(gzip(whole) + gzip([UInt8](repeating: 7, count: tail)), name: "v.nii.gz")
          .intensities() == numbers)
      // One voxel is another, the checksum as it was; the checksum is another; the length is.
      var other = padded
      other[360] ^= 1
      let replaced = Array(gzip(other).dropLast(8)) + file.suffix(8)
      for damaged in [
        replaced, spoilt(file, at: file.count - 8), spoilt(file, at: file.count - 1),
        Array(file.dropLast(4)), file + [1, 2, 3], file + gzip(whole).dropLast(1),
      ] {
        #expect(throws: DatasetError.self, "tail of \(tail)") {
          try read(damaged, name: "v.nii.gz")
        }
      }
    }
  }

  /// Whatever bit is another: the file is refused, or its voxels are those that were written.
  @Test func noFlippedBitIsTakenForVoxels() throws {
    let voxels = (0..<24).map { UInt8($0 * 31 % 251) }
    let file = gzip(nifti(voxels: voxels) + [UInt8](repeating: 0, count: 40))
    var refusedCount = 0
    for bit in 0..<8 * file.count {
      let damaged = spoilt(file, at: bit / 8, bit: bit % 8)
      do {
        #expect(
          try read(damaged, name: "v.nii.gz").intensities() == voxels.map(Float.init), "bit \(bit)")
      } catch let error as any DescribedFailure where error.category == .badData {
        refusedCount += 1
      }
    }
    // All but those of the time, the system and hints, which tell nothing of the data.
    #expect(refusedCount >= 8 * (file.count - 10))
  }

  private func spoilt(_ bytes: [UInt8], at place: Int, bit: Int = 0) -> [UInt8] {
    var bytes = bytes
    bytes[place] ^= 1 << bit
    return bytes
  }

  @Test func labelsAreWholeNumbers() throws {
    #expect(try read(nifti()).labels().last == 23)
    // A tenth is no exact float, and ten of them are 1 all the same.
    #expect(try read(nifti(extents: [1, 1, 1], voxels: [10], slope: 0.1)).labels() == [1])
    let almostOne = bytes([Double(1).nextUp.bitPattern], swapped: false)
    let cases: [(NIfTIFile, String)] = [
      (try read(nifti(extents: [1, 1, 1], voxels: [1], slope: 0.5)), "0.5"),
      (try read(nifti(extents: [1, 1, 1], type: 256, voxels: [255])), "-1"),
      (try read(nifti(extents: [1, 1, 1], type: 512, voxels: [0, 1])), "256"),
      (try read(nifti(extents: [1, 1, 1], type: 64, voxels: almostOne)), "1.0000000000000002"),
    ]
    for (file, label) in cases {
      let error = #expect(throws: NIfTIError.self) { try file.labels() }
      #expect(
        error?.description
          == "'\(file.path)' gives voxel 0 the label \(label); labels are whole numbers from 0 to 255"
      )
    }
  }

  // MARK: Folders

  private func withVolumes(
    _ count: Int, labels: [UInt8]? = nil, _ body: (String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      for kind in ["images", "labels"] {
        try FileWriting.createFolder("\(folder)/\(kind)")
        for index in 0..<count {
          let voxels = (0..<64).map { UInt8(($0 * 7 + index) % (kind == "images" ? 200 : 3)) }
          let bytes = nifti(
            extents: [4, 4, 4], voxels: kind == "images" ? voxels : labels ?? voxels)
          try write(gzip(bytes), to: "\(folder)/\(kind)/case\(index).nii.gz")
        }
      }
      try body(folder)
    }
  }

  @Test func aFolderIsDividedIntoTrainingAndTest() throws {
    try withVolumes(6) { folder in
      let data = try VolumeDataset.load(folder: folder)
      #expect(data.count(of: .training) == 5)
      #expect(data.count(of: .test) == 1)
      #expect(data.classCount == 3)
      #expect(data.sampleShape == Shape(4, 4, 4, channels: 1))
      let fifth = (0..<64).map { UInt8(($0 * 7 + 4) % 3) }
      #expect(data.test.labels == fifth)
      let mean = data.training.intensities.prefix(64).reduce(0, +) / 64
      let square = data.training.intensities.prefix(64).reduce(0) { $0 + $1 * $1 } / 64
      #expect(abs(mean) < 1e-6 && abs(square - 1) < 1e-5)
    }
    try withVolumes(2) { folder in
      let data = try VolumeDataset.load(folder: folder)
      #expect(data.count(of: .training) == 1)
    }
  }

  /// Two classes, not 256.
  @Test func aMaskOf255HasTwoClasses() throws {
    let mask = (0..<64).map { UInt8($0 < 16 ? 255 : 0) }
    try withVolumes(6, labels: mask) { folder in
      let data = try VolumeDataset.load(folder: folder)
      #expect(data.classCount == 2)
      #expect(
        data.classes == [
          LabelClass(number: 0, label: 0, trainingCount: 5 * 48, testCount: 48),
          LabelClass(number: 1, label: 255, trainingCount: 5 * 16, testCount: 16),
        ])
      #expect(data.warnings.count == 1)
      #expect(data.warnings.first?.contains("labels' are 0, 255, with gaps") == true)
      #expect(Set(data.training.labels) == [0, 1])
    }
    try withVolumes(2) { folder in
      let data = try VolumeDataset.load(folder: folder)
      #expect(data.warnings == [])
    }
  }

  @Test func badFoldersAreExplained() throws {
    func message(_ folder: String) -> String {
      do {
        _ = try VolumeDataset.load(folder: folder)
        return ""
      } catch {
        return "\(error)"
      }
    }
    try withVolumes(1) { #expect(message($0).contains("too few volumes (.nii or .nii.gz): 1,")) }
    try withVolumes(2, labels: [UInt8](repeating: 0, count: 64)) {
      #expect(message($0).contains("only the label 0"))
    }
    try withVolumes(2) { folder in
      try write(nifti(), to: "\(folder)/images/extra.nii")
      #expect(message(folder).contains("has no extra.nii"))
      try write(nifti(), to: "\(folder)/labels/extra.nii")
      #expect(message(folder).contains("2x3x4 voxels"))
      try write(nifti(extents: [4, 4, 4]), to: "\(folder)/images/extra.nii")
      #expect(message(folder).contains("labels/extra.nii' has 2x3x4 voxels"))
    }
    try withTemporaryFolder { folder in
      #expect(message("\(folder)/none").contains("none/images': it does not exist"))
    }
  }

  // MARK: Made-up volumes

  @Test func madeUpVolumesAreTheSameEverywhereAndHoldAllClasses() throws {
    let data = VolumeDataset.synthetic(extent: 16, trainingCount: 6, testCount: 3, seed: 2)
    let again = VolumeDataset.synthetic(extent: 16, trainingCount: 6, testCount: 3, seed: 2)
    #expect(data.training.intensities == again.training.intensities)
    #expect(data.checksum == again.checksum)
    #expect(
      data.checksum != VolumeDataset.synthetic(extent: 16, trainingCount: 6, testCount: 3).checksum)
    for part in [data.training, data.test] {
      for label in UInt8(0)...2 {
        let count = part.labels.count { $0 == label }
        let share = Double(count) / Double(part.labels.count)
        #expect(share > 0.01, "class \(label): \(share)")
      }
      let background = part.labels.count { $0 == 0 }
      #expect(background > part.labels.count / 2)
    }
  }

  /// A few steps on volumes that can be told apart.
  ///
  /// The scores are those of the steps themselves: running statistics take more steps to be of use.
  @Test(arguments: ["full", "trace:256"])
  func aSmallUNetLearns(strategy: String) throws {
    let data = VolumeDataset.synthetic(extent: 20, trainingCount: 16, testCount: 2, seed: 1)
    let session = try TrainingSession(
      Model.unet3dSmall.network(input: data.sampleShape, classes: 3), data: data,
      settings: TrainingSettings(
        strategy: try Strategy(parsing: strategy), batchSize: 4, epochCount: 4,
        optimizer: .adam(learningRate: 0.004), seed: 1),
      engine: Engine(threadCount: 2, instructionSet: .chosen()))
    _ = try session.run()
    let dice = session.metrics.compactMap(\.training.dice)
    try #require(dice.count == 4)
    #expect(dice[3] > 0.3 && dice[3] > dice[0] + 0.1, "\(dice)")
    let losses = session.metrics.map(\.training.loss)
    #expect(losses[3] < losses[0] - 0.1, "\(losses)")
    // Each voxel counts: a share of them, not of volumes.
    #expect(session.metrics.allSatisfy { (0...1).contains($0.test.accuracy) })
  }

  @Test func imagesDoNotTrainASegmentation() throws {
    let images = Dataset.synthetic(
      height: 8, width: 8, channels: 1, classCount: 3, trainingCount: 4, testCount: 1)
    let network = try Model.unet3dSmall.network(input: images.sampleShape, classes: 3)
    let error = #expect(throws: DataMismatch.self) { try images.requireFit(network) }
    #expect(error?.description.contains("one label a sample") == true)
    let volumes = VolumeDataset.synthetic(extent: 8, trainingCount: 2, testCount: 1)
    #expect(throws: DataMismatch.self) { try volumes.requireFit(network) }
  }
}
