import Files

/// One volume of a NIfTI-1 file (Cox and others 2004, *A (sort of) new image data format standard*),
/// header and voxels in one file, compressed or not.
///
/// The header has 348 bytes, in either byte order; what matters here is at 40 (number of axes and
/// extents, the innermost first), 70 (type), 108 (where the voxels begin), 112 (slope and intercept
/// of intensities) and 344 (`n+1`).
struct NIfTIFile {
  private static let headerSize = 348
  private static let largestVoxelCount = 1 << 30

  /// The path that the file was read from.
  let path: String
  /// The extents, the outermost first.
  let extents: [Int]
  /// The intensities, scaled as the header says; the innermost axis fastest.
  let values: [Float]

  /// Reads and checks a file; one whose name ends in `.gz` is decompressed.
  ///
  /// Allocates the voxels twice.
  ///
  /// - Throws: `NIfTIError`, `DatasetError` for damaged compression, or `FileFailure`.
  init(path: String) throws {
    func failure(_ problem: NIfTIError.Problem) -> NIfTIError {
      NIfTIError(path: path, problem: problem)
    }
    let stream = try VoxelStream(path: path)
    let header = NIfTIHeader(try stream.read(byteCount: Self.headerSize))
    guard let header, header.isSane else { throw failure(.notNIfTI) }
    guard !header.hasSeparateImage else { throw failure(.separateImage) }

    let extents = header.extents
    // Axes behind the third may be there if they have one element.
    guard extents.count >= 3, extents.dropFirst(3).allSatisfy({ $0 == 1 }),
      extents.prefix(3).allSatisfy({ $0 >= 1 }),
      extents.prefix(3).reduce(1, *) <= Self.largestVoxelCount
    else { throw failure(.badExtents(extents)) }
    guard let type = VoxelType(rawValue: header.type) else {
      throw failure(.unsupportedType(header.type))
    }
    let offset = Double(header.voxelOffset)
    guard offset >= Double(Self.headerSize), offset < 0x1p24, offset == offset.rounded() else {
      throw failure(.badOffset(offset))
    }
    _ = try stream.read(byteCount: Int(offset) - Self.headerSize)

    self.path = path
    self.extents = extents.prefix(3).reversed()
    let count = self.extents.reduce(1, *)
    let bytes = try stream.read(byteCount: count * type.size)
    guard bytes.count == count * type.size else {
      throw failure(.truncated(bytes: bytes.count, expected: count * type.size))
    }
    // A slope of 0 means that intensities are what they are.
    let isScaled = header.slope != 0 && header.slope.isFinite && header.intercept.isFinite
    values = type.floats(bytes, swapped: header.isSwapped).map {
      isScaled ? $0 * header.slope + header.intercept : $0
    }
    if let voxel = values.firstIndex(where: { !$0.isFinite }) {
      throw failure(.notFinite(voxel: voxel))
    }
  }

  /// The values as labels.
  ///
  /// - Throws: `NIfTIError` if one is not a whole number from 0 to 255.
  func labels() throws(NIfTIError) -> [UInt8] {
    var labels: [UInt8] = []
    labels.reserveCapacity(values.count)
    for (voxel, value) in values.enumerated() {
      guard let label = UInt8(exactly: value) else {
        throw NIfTIError(path: path, problem: .badLabel(value, voxel: voxel))
      }
      labels.append(label)
    }
    return labels
  }
}

/// The types of voxels that are read, by their numbers in the format.
private enum VoxelType: Int {
  case uint8 = 2
  case int16 = 4
  case float32 = 16

  var size: Int {
    switch self {
    case .uint8: 1
    case .int16: 2
    case .float32: 4
    }
  }

  /// The numbers that bytes stand for.
  func floats(_ bytes: [UInt8], swapped: Bool) -> [Float] {
    switch self {
    case .uint8:
      bytes.map(Float.init)
    case .int16:
      bytes.words(UInt16.self, swapped).map { Float(Int16(bitPattern: $0)) }
    case .float32:
      bytes.words(UInt32.self, swapped).map(Float.init(bitPattern:))
    }
  }
}

/// The bytes of a file, decompressed if its name ends in `.gz`.
private final class VoxelStream {
  private let compressed: GzipReader?
  private var plain: ArraySlice<UInt8> = []

  init(path: String) throws {
    if path.hasSuffix(".gz") {
      compressed = GzipReader(try CompressedSource(path: path))
    } else {
      compressed = nil
      plain = try FileReading.bytes(of: path)[...]
    }
  }

  /// The next bytes; fewer at the end of the data.
  func read(byteCount: Int) throws -> [UInt8] {
    if let compressed { return try compressed.read(byteCount: byteCount) }
    let bytes = Array(plain.prefix(byteCount))
    plain = plain.dropFirst(byteCount)
    return bytes
  }
}
