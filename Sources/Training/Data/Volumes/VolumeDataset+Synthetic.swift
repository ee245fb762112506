extension VolumeDataset {
  /// Volumes with ellipsoids (class 1) and tubes (class 2) in noise on an uneven background (class
  /// 0); made, not read.
  ///
  /// The same arguments give the same volumes on every machine.
  ///
  /// - Parameters:
  ///   - extent: The number of voxels along each axis.
  ///   - trainingCount: The number of volumes to train with.
  ///   - testCount: The number of volumes to test with.
  ///   - seed: What shapes, places and noise depend on.
  /// - Returns: The data set; it takes five bytes a voxel.
  public static func synthetic(
    extent: Int = 32, trainingCount: Int = 64, testCount: Int = 16, seed: UInt64 = 0
  ) -> VolumeDataset {
    func volumes(_ count: Int, firstStream: Int) -> LabelledVolumes {
      var volumes = LabelledVolumes(extents: [extent, extent, extent])
      for index in 0..<count {
        var scene = SyntheticScene(
          extent: extent,
          generator: CounterGenerator(seed: seed, stream: UInt64(firstStream + index)))
        scene.drawAll()
        volumes.append(scene.intensities, labels: scene.labels)
      }
      return volumes
    }
    return VolumeDataset(
      unchecked: "synthetic-volumes",
      provenance: "ellipsoids and tubes in noise, \(trainingCount) training and \(testCount) test "
        + "volumes of \(extent)x\(extent)x\(extent), seed \(seed)",
      numbering: LabelNumbering(classCount: 3), training: volumes(trainingCount, firstStream: 0),
      test: volumes(testCount, firstStream: trainingCount))
  }
}
