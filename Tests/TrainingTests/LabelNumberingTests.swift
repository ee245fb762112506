import Files
import Kernels
import NativeEngine
import Networks
import Planning
import TestSupport
import Testing

@testable import Training

/// Which classes the labels of volumes are, and what is said of them.
@Suite struct LabelNumberingTests {
  private func volumes(_ labels: [UInt8], count: Int = 1) -> LabelledVolumes {
    var volumes = LabelledVolumes(extents: [labels.count, 1, 1])
    for _ in 0..<count {
      volumes.append(labels.indices.map { Float($0) }, labels: labels)
    }
    return volumes
  }

  private func counts(_ labels: [UInt8]) -> [Int] { volumes(labels).labelCounts }

  @Test func labelsWithoutGapsAreTheirClasses() {
    let numbering = LabelNumbering(counts: counts([0, 1, 2, 1]), of: "labels")
    #expect(numbering.labels == [0, 1, 2])
    #expect(numbering.warnings == [])
    #expect(numbering.keepsNumbers)
    #expect(numbering.number(of: 2) == 2)
  }

  @Test func aMaskHasTwoClasses() {
    let numbering = LabelNumbering(counts: counts([0, 255, 0]), of: "d/labels")
    #expect(numbering.labels == [0, 255])
    #expect(
      numbering.warnings == [
        "the labels in 'd/labels' are 0, 255, with gaps between them; they are taken as the classes 0 "
          + "to 1"
      ])
    var masks = volumes([255, 0, 255])
    masks.number(with: numbering)
    #expect(masks.labels == [1, 0, 1])
    let classes = numbering.classes(
      training: volumes([1, 0, 1]).labelCounts, test: volumes([0, 0, 1]).labelCounts)
    #expect(
      classes == [
        LabelClass(number: 0, label: 0, trainingCount: 1, testCount: 2),
        LabelClass(number: 1, label: 255, trainingCount: 2, testCount: 1),
      ])
    #expect(LabelClass.warnings(classes) == [])
  }

  /// The background is the first class whether there is any or not.
  @Test func gapsAreSaidInFewWords() {
    let numbering = LabelNumbering(counts: counts([2, 3, 4, 9]), of: "l")
    #expect(numbering.labels == [0, 2, 3, 4, 9])
    #expect(numbering.warnings.first?.contains("are 0, 2 to 4, 9, with gaps") == true)
    #expect([2, 3, 4, 9].map(numbering.number(of:)) == [1, 2, 3, 4])
  }

  @Test func classesThatCannotBeLearntAreSaid() throws {
    let data = try VolumeDataset(
      name: "v", provenance: "", classCount: 4, training: volumes([0, 1, 1]),
      test: volumes([0, 2, 2], count: 2))
    #expect(data.classCount == 4)
    #expect(data.classes.map(\.count) == [3, 2, 4, 0])
    #expect(
      data.warnings == [
        "the label 2 is in test samples alone, so that class 2 cannot be learnt",
        "no label is 3, so that class 3 cannot be learnt",
      ])
  }

  // MARK: Labels that are no classes

  @Test(arguments: [0, 1, 2])
  func labelsBeyondTheClassesOfVolumesAreRefused(classCount: Int) {
    let error = #expect(throws: DatasetError.self) {
      try VolumeDataset(
        name: "v", provenance: "", classCount: classCount, training: volumes([0, 0, 0]),
        test: volumes([0, 2, 0], count: 3))
    }
    let expected =
      classCount == 0
      ? "'training volumes of v' gives voxel 0 of volume 0 the label 0; the labels are 0 to -1"
      : "'test volumes of v' gives voxel 1 of volume 0 the label 2; the labels are 0 to "
        + "\(classCount - 1)"
    #expect(error?.description == expected)
    #expect(error?.category == .badData)
  }

  @Test func volumesOfTwoSizesAreRefused() {
    let error = #expect(throws: DatasetError.self) {
      try VolumeDataset(
        name: "v", provenance: "", classCount: 2, training: volumes([0, 1, 0]),
        test: volumes([0, 1]))
    }
    #expect(error?.description.contains("2x1x1, 'training volumes of v' of 3x1x1") == true)
  }

  @Test func labelsBeyondTheClassesOfImagesAreRefused() {
    func images(_ labels: [UInt8], width: Int = 2) -> LabelledImages {
      LabelledImages(
        height: 1, width: width, channels: 1,
        pixels: [UInt8](repeating: 0, count: width * labels.count), labels: labels)
    }
    func message(_ training: LabelledImages, _ test: LabelledImages) -> String? {
      let error = #expect(throws: DatasetError.self) {
        try Dataset(
          name: "i", provenance: "", classCount: 3,
          normalization: PixelNormalization(mean: 0, standardDeviation: 1), training: training,
          test: test)
      }
      return error?.description
    }
    #expect(
      message(images([0, 1, 3]), images([0]))
        == "'training images of i' gives image 2 the label 3; the labels are 0 to 2")
    #expect(
      message(images([0]), images([0, 255]))
        == "'test images of i' gives image 1 the label 255; the labels are 0 to 2")
    #expect(message(images([0]), images([0], width: 3))?.contains("1x3x1") == true)
  }

  // MARK: Batches

  @Test func anEvaluationNeedsASampleABatch() throws {
    let data = Dataset.synthetic(
      height: 8, width: 8, channels: 1, classCount: 2, trainingCount: 4, testCount: 4)
    let network = try Network("n", input: data.sampleShape) {
      Flatten()
      Linear(2)
      SoftmaxCrossEntropy()
    }
    let engine = Engine(threadCount: 1, instructionSet: .widest)
    let trainer = try Trainer(network, strategy: .full, batchSize: 2, engine: engine)
    #expect(throws: BatchSizeError.self) {
      try Evaluator(engine: engine).evaluate(trainer.store, on: data, batchSize: 0)
    }
  }
}
