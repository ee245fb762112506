/// The fields of a header that matter here.
struct NIfTIHeader {
  /// Whether numbers have their highest byte first.
  let isSwapped: Bool
  /// The extents, the innermost first.
  let extents: [Int]
  let type: Int
  let voxelOffset: Float
  let slope: Float
  let intercept: Float
  private let magic: [UInt8]

  /// Reads a header; nil if there are too few bytes.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 348 else { return nil }
    // The size of the header tells the order of bytes.
    let isSwapped = bytes[0] == 0
    self.isSwapped = isSwapped
    func integer(_ offset: Int) -> Int {
      Int(bytes.word(at: offset, swapped: isSwapped) as Int16)
    }
    func float(_ offset: Int) -> Float {
      Float(bitPattern: bytes.word(at: offset, swapped: isSwapped))
    }
    let axisCount = integer(40)
    extents = (1...7).contains(axisCount) ? (1...axisCount).map { integer(40 + 2 * $0) } : []
    type = integer(70)
    voxelOffset = float(108)
    slope = float(112)
    intercept = float(116)
    magic = Array(bytes[344..<348])
    size = bytes.word(at: 0, swapped: isSwapped)
  }

  private let size: UInt32

  /// Whether this is a header at all.
  var isSane: Bool {
    size == 348 && !extents.isEmpty && (magic == Self.oneFile || hasSeparateImage)
  }

  /// Whether the voxels are in a file of their own.
  var hasSeparateImage: Bool { magic == Self.twoFiles }

  private static let oneFile = Array("n+1\0".utf8)
  private static let twoFiles = Array("ni1\0".utf8)
}

extension [UInt8] {
  /// The word of little-endian bytes, or of big-endian ones, that begins at a byte.
  func word<Word: FixedWidthInteger>(at byte: Int, swapped: Bool) -> Word {
    let word = unsafe withUnsafeBytes { buffer in
      unsafe buffer.loadUnaligned(fromByteOffset: byte, as: Word.self)
    }
    return swapped ? Word(bigEndian: word) : Word(littleEndian: word)
  }
}
