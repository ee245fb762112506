import Networks

/// Volumes with a class for every voxel, to train with and to test with.
public struct VolumeDataset: TrainingData {
  /// The name in reports.
  public let name: String
  /// One sentence on what was read or made, and from where.
  public let provenance: String
  /// The number of classes; the first is the background.
  public let classCount: Int
  /// The volumes to train with.
  public let training: LabelledVolumes
  /// The volumes to test with, of the same size.
  public let test: LabelledVolumes

  /// Creates a data set; all labels must be below the number of classes.
  public init(
    name: String, provenance: String, classCount: Int, training: LabelledVolumes,
    test: LabelledVolumes
  ) {
    precondition(training.extents == test.extents, "training and test volumes differ in size")
    precondition(
      training.labels.allSatisfy { $0 < classCount } && test.labels.allSatisfy { $0 < classCount },
      "a label is not below \(classCount)")
    self.name = name
    self.provenance = provenance
    self.classCount = classCount
    self.training = training
    self.test = test
  }

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
