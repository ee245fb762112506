import Networks

/// Volumes with a class for every voxel, to train with and to test with.
public struct VolumeDataset: TrainingData {
  /// The name in reports.
  public let name: String
  /// One sentence on what was read or made, and from where.
  public let provenance: String
  /// The classes, with the labels that stand for them; the first is the background.
  public let classes: [LabelClass]
  /// What a user should know before training: labels with gaps between them, classes that cannot be
  /// learnt.
  public let warnings: [String]
  /// The volumes to train with.
  public let training: LabelledVolumes
  /// The volumes to test with, of the same size.
  public let test: LabelledVolumes

  /// Creates a data set and checks its labels; counts those of each class.
  ///
  /// - Parameters:
  ///   - name: The name in reports.
  ///   - provenance: One sentence on what was read or made, and from where.
  ///   - classCount: The number of classes, which all labels must be below.
  ///   - training: The volumes to train with.
  ///   - test: The volumes to test with, of the same size.
  /// - Throws: `DatasetError` if a label is no class, or if the two parts differ in size.
  public init(
    name: String, provenance: String, classCount: Int, training: LabelledVolumes,
    test: LabelledVolumes
  ) throws(DatasetError) {
    guard training.extents == test.extents else {
      throw DatasetError(
        path: "test volumes of \(name)",
        problem: .sizeMismatch(
          size: test.extents, expected: training.extents,
          otherPath: "training volumes of \(name)"))
    }
    for (part, volumes) in [("training", training), ("test", test)] {
      guard let place = volumes.labels.firstIndex(where: { $0 >= classCount }) else { continue }
      let (volume, voxel) = place.quotientAndRemainder(dividingBy: volumes.voxelCount)
      throw DatasetError(
        path: "\(part) volumes of \(name)",
        problem: .voxelOutOfRange(
          label: Int(volumes.labels[place]), volume: volume, voxel: voxel,
          classCount: classCount))
    }
    self.init(
      unchecked: name, provenance: provenance, numbering: LabelNumbering(classCount: classCount),
      training: training, test: test)
  }

  /// Creates a data set of volumes of one size, whose labels a numbering has made classes.
  init(
    unchecked name: String, provenance: String, numbering: LabelNumbering,
    training: LabelledVolumes, test: LabelledVolumes
  ) {
    self.name = name
    self.provenance = provenance
    self.training = training
    self.test = test
    classes = numbering.classes(
      training: training.labelCounts, test: test.labelCounts)
    warnings = numbering.warnings + LabelClass.warnings(classes)
  }

  /// The number of classes; the first is the background.
  public var classCount: Int { classes.count }

  /// The extents of a volume, and one channel.
  public var sampleShape: Shape { Shape(spatial: training.extents, channels: 1) }

  /// One for every voxel.
  public var labelsPerSample: Int { training.voxelCount }

  /// Volumes.
  public var sampleNoun: String { "volumes" }

  /// A checksum of intensities and labels of the volumes to train with.
  public var checksum: UInt32 {
    var checksum = Checksum()
    checksum.add(training.intensities)
    checksum.add(training.labels)
    return checksum.value
  }

  /// The number of volumes.
  public func count(of part: DataPart) -> Int { volumes(of: part).count }

  /// Writes volumes, and the class of every voxel; allocates nothing.
  public func fill(
    _ indices: some Collection<Int>, of part: DataPart, samples: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Int32>
  ) {
    let volumes = volumes(of: part)
    let size = volumes.voxelCount
    let (values, classes) = (volumes.intensities.span, volumes.labels.span)
    for (slot, index) in indices.enumerated() {
      for voxel in 0..<size {
        unsafe samples[slot * size + voxel] = values[index * size + voxel]
        unsafe labels[slot * size + voxel] = Int32(classes[index * size + voxel])
      }
    }
  }

  private func volumes(of part: DataPart) -> LabelledVolumes {
    part == .training ? training : test
  }
}
