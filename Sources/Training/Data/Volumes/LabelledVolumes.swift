/// Volumes of one size, each with a class for every voxel.
public struct LabelledVolumes: Sendable {
  /// The extents of a volume, the outermost first.
  public let extents: [Int]
  /// The intensities: (volume, outermost to innermost axis).
  public private(set) var intensities: [Float] = []
  /// The class of each voxel, from 0, the background.
  public private(set) var labels: [UInt8] = []

  /// Creates a collection without volumes.
  public init(extents: [Int]) {
    precondition(extents.allSatisfy { $0 > 0 }, "a volume needs voxels")
    self.extents = extents
  }

  /// The number of voxels of a volume.
  public var voxelCount: Int { extents.reduce(1, *) }

  /// The number of volumes.
  public var count: Int { labels.count / voxelCount }

  /// How many voxels have each label: 256 numbers.
  var labelCounts: [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }

  /// Makes classes of labels.
  mutating func number(with numbering: LabelNumbering) {
    guard !numbering.keepsNumbers else { return }
    for voxel in labels.indices { labels[voxel] = numbering.number(of: labels[voxel]) }
  }

  /// Adds a volume, its intensities brought to mean 0 and standard deviation 1.
  ///
  /// - Parameters:
  ///   - values: The intensity of each voxel, finite; a volume of one intensity becomes 0.
  ///   - classes: The class of each voxel.
  public mutating func append(_ values: [Float], labels classes: [UInt8]) {
    precondition(
      values.count == voxelCount && classes.count == voxelCount,
      "a volume of \(extents) has \(voxelCount) voxels")
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(voxelCount)
    let variance =
      values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(voxelCount)
    let scale = variance > 0 ? 1 / variance.squareRoot() : 0
    intensities += values.map { Float((Double($0) - mean) * scale) }
    labels += classes
  }
}
