import Files

/// A NIfTI file, or a folder of them, that is not as it should be.
public struct NIfTIError: DescribedFailure, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The file does not begin with a header of NIfTI-1.
    case notNIfTI
    /// The header says that the voxels are in another file.
    case separateImage
    /// The file has another number of axes than three, or axes of no length.
    case badExtents([Int])
    /// The volume has more voxels than are read.
    case tooLarge([Int], most: Int)
    /// The voxels have a type that is not read here, by its number in the format.
    case unsupportedType(Int)
    /// The voxels would begin within the header or absurdly far behind it.
    case badOffset(Double)
    /// The file has fewer bytes of voxels than its header promises.
    case truncated(bytes: Int, expected: Int)
    /// A voxel is infinite, not a number, or larger than a float can be.
    case notFinite(voxel: Int)
    /// A label is not a whole number from 0 to 255.
    case badLabel(Double, voxel: Int)
    /// The volume has another size than the one that it must go with.
    case otherSize([Int], expected: [Int], otherPath: String)
    /// The folder has no file of that name, which another folder has.
    case missingPartner(String, otherFolder: String)
    /// The folder has too few volumes to train and to test.
    case tooFew(Int)
    /// All voxels of all volumes have label 0.
    case onlyBackground
  }

  /// The path of the file or folder.
  public let path: String
  /// What is wrong with it.
  public let problem: Problem

  /// What kind of failure this is, and so the exit code.
  public var category: FailureCategory {
    if case .missingPartner = problem { .missingInput } else { .badData }
  }

  /// One sentence that names the file and what is wrong with it.
  public var description: String { "'\(path)' \(problem.sentence)" }
}

extension NIfTIError.Problem {
  /// What follows the name of the file in the sentence.
  fileprivate var sentence: String {
    func size(_ extents: [Int]) -> String { extents.map(String.init).joined(separator: "x") }
    switch self {
    case .notNIfTI:
      return "is not a NIfTI-1 file"
    case .separateImage:
      return
        "has its voxels in another file; only files with both header and voxels are read (.nii)"
    case .badExtents(let extents):
      return "has the extents \(size(extents)); only single volumes of three axes are read"
    case .tooLarge(let extents, let most):
      return "is too large: it has \(size(extents)) voxels, and at most \(most) are read"
    case .unsupportedType(let type):
      return "has voxels of type \(type); only \(VoxelType.summary) are read"
    case .badOffset(let offset):
      return "has voxels that begin at byte \(offset), which cannot be"
    case .truncated(let bytes, let expected):
      return "is truncated: its header promises \(expected) bytes of voxels, and \(bytes) are there"
    case .notFinite(let voxel):
      return "has a voxel, number \(voxel), that is infinite, not a number or too large for a float"
    case .badLabel(let label, let voxel):
      let label = Int(exactly: label).map { "\($0)" } ?? "\(label)"
      return "gives voxel \(voxel) the label \(label); labels are whole numbers from 0 to 255"
    case .otherSize(let extents, let expected, let otherPath):
      return "has \(size(extents)) voxels, and '\(otherPath)' has \(size(expected))"
    case .missingPartner(let name, let otherFolder):
      return "has no \(name), which '\(otherFolder)' has"
    case .tooFew(let count):
      return
        "has too few volumes (.nii or .nii.gz): \(count), and it takes one to train and one to test"
    case .onlyBackground:
      return "has only the label 0; there is nothing to tell apart"
    }
  }
}
