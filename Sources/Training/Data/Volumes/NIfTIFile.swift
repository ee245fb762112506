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
  private let header: NIfTIHeader
  private let type: VoxelType
  /// The voxels as the file has them, the innermost axis fastest.
  private let bytes: [UInt8]

  /// Reads a file and checks its header; one whose name ends in `.gz` is decompressed, and read to
  /// its end, where the checksum of what was compressed lies.
  ///
  /// Allocates the voxels' bytes twice.
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
      extents.prefix(3).allSatisfy({ $0 >= 1 })
    else { throw failure(.badExtents(extents)) }
    // Extents have 15 bits, so that the product of three cannot overflow.
    guard extents.prefix(3).reduce(1, *) <= Self.largestVoxelCount else {
      throw failure(.tooLarge(extents, most: Self.largestVoxelCount))
    }
    guard let type = VoxelType(rawValue: header.type) else {
      throw failure(.unsupportedType(header.type))
    }
    let offset = Double(header.voxelOffset)
    guard offset >= Double(Self.headerSize), offset < 0x1p24, offset == offset.rounded() else {
      throw failure(.badOffset(offset))
    }
    _ = try stream.read(byteCount: Int(offset) - Self.headerSize)

    self.path = path
    self.header = header
    self.type = type
    self.extents = extents.prefix(3).reversed()
    let byteCount = self.extents.reduce(1, *) * type.byteCount
    bytes = try stream.read(byteCount: byteCount)
    guard bytes.count == byteCount else {
      throw failure(.truncated(bytes: bytes.count, expected: byteCount))
    }
    try stream.readToEnd()
  }

  /// The voxels as intensities, scaled as the header says.
  ///
  /// - Throws: `NIfTIError` if one is infinite, not a number or too large.
  func intensities() throws(NIfTIError) -> [Float] {
    try voxels { number in
      let intensity = Float(number)
      return intensity.isFinite ? intensity : nil
    } otherwise: { _, voxel in
      .notFinite(voxel: voxel)
    }
  }

  /// The voxels as labels, scaled as the header says.
  ///
  /// - Throws: `NIfTIError` if one is not a whole number from 0 to 255.
  func labels() throws(NIfTIError) -> [UInt8] {
    try voxels {
      UInt8(exactly: $0)
    } otherwise: { number, voxel in
      .badLabel(number, voxel: voxel)
    }
  }

  /// What becomes of the number of each voxel; where it is nil, that is a problem of the file.
  private func voxels<Value>(
    as value: (Double) -> Value?, otherwise problem: (Double, _ voxel: Int) -> NIfTIError.Problem
  ) throws(NIfTIError) -> [Value] {
    // A slope of 0 means that intensities are what they are.
    let isScaled = header.slope != 0 && header.slope.isFinite && header.intercept.isFinite
    let (slope, intercept) = (Double(header.slope), Double(header.intercept))
    let count = bytes.count / type.byteCount
    var values: [Value] = []
    values.reserveCapacity(count)
    for voxel in 0..<count {
      let stored = type.number(voxel, of: bytes, swapped: header.isSwapped)
      // A slope such as 0.1 is right to the digits of a float, and so is what it scales.
      let number = isScaled ? Double(Float(stored * slope + intercept)) : stored
      guard let value = value(number) else {
        throw NIfTIError(path: path, problem: problem(number, voxel))
      }
      values.append(value)
    }
    return values
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

  /// Reads what follows the voxels, whatever it is: damage may show only there.
  func readToEnd() throws {
    _ = try compressed?.skipRest()
  }
}
