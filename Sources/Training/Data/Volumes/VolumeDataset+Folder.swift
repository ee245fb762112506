import Files

extension VolumeDataset {
  /// Reads volumes and their labels from a folder of NIfTI files.
  ///
  /// The folder holds two folders, `images` and `labels`, with files of the same names, `.nii` or
  /// `.nii.gz`. In the order of their names every fifth volume is for testing, or the last one where
  /// there are fewer than five. Labels are whole numbers, 0 for the background; those that occur are
  /// the classes, so that a mask of 0 and 255 has two (`LabelNumbering`).
  ///
  /// - Parameter folder: The folder.
  /// - Returns: The data set; it takes five bytes a voxel.
  /// - Throws: `NIfTIError`, `DatasetError` or `FileFailure`: one sentence that names the file.
  public static func load(folder: String) throws -> VolumeDataset {
    let (images, labels) = ("\(folder)/images", "\(folder)/labels")
    let names = try volumeNames(in: images)
    let labelNames = Set(try volumeNames(in: labels))
    if let name = names.first(where: { !labelNames.contains($0) }) {
      throw NIfTIError(path: labels, problem: .missingPartner(name, otherFolder: images))
    }
    guard names.count >= 2 else { throw NIfTIError(path: images, problem: .tooFew(names.count)) }

    var first: NIfTIFile?
    var training: LabelledVolumes?
    var test: LabelledVolumes?
    for (index, name) in names.enumerated() {
      let image = try NIfTIFile(path: "\(images)/\(name)")
      let label = try NIfTIFile(path: "\(labels)/\(name)")
      try label.require(sizeOf: image)
      if let first { try image.require(sizeOf: first) } else { first = image }
      let empty = LabelledVolumes(extents: image.extents)
      if names.count < 5 ? index == names.count - 1 : index % 5 == 4 {
        test = test ?? empty
        test?.append(try image.intensities(), labels: try label.labels())
      } else {
        training = training ?? empty
        training?.append(try image.intensities(), labels: try label.labels())
      }
    }
    guard var training, var test else { preconditionFailure("two volumes are one of each") }
    let numbering = LabelNumbering(
      counts: zip(training.labelCounts, test.labelCounts).map(+), of: labels)
    guard numbering.labels.count > 1 else {
      throw NIfTIError(path: labels, problem: .onlyBackground)
    }
    training.number(with: numbering)
    test.number(with: numbering)
    return VolumeDataset(
      unchecked: "volumes",
      provenance: "\(training.count) training and \(test.count) test volumes of "
        + "\(training.extents.map(String.init).joined(separator: "x")) from \(folder)",
      numbering: numbering, training: training, test: test)
  }

  private static func volumeNames(in folder: String) throws -> [String] {
    try FileReading.names(in: folder).filter {
      !$0.hasPrefix(".") && ($0.hasSuffix(".nii") || $0.hasSuffix(".nii.gz"))
    }.sorted()
  }
}

extension NIfTIFile {
  /// Requires that two volumes have the same extents.
  fileprivate func require(sizeOf other: NIfTIFile) throws(NIfTIError) {
    guard extents == other.extents else {
      throw NIfTIError(
        path: path,
        problem: .otherSize(extents, expected: other.extents, otherPath: other.path))
    }
  }
}
