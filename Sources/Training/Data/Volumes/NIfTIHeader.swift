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
    func word(_ offset: Int) -> Int {
      let pair = (Int(bytes[offset]), Int(bytes[offset + 1]))
      return Int(Int16(truncatingIfNeeded: isSwapped ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0))
    }
    func float(_ offset: Int) -> Float {
      let word = Array(bytes[offset..<offset + 4]).words(UInt32.self, isSwapped)[0]
      return Float(bitPattern: word)
    }
    let axisCount = word(40)
    extents = (1...7).contains(axisCount) ? (1...axisCount).map { word(40 + 2 * $0) } : []
    type = word(70)
    voxelOffset = float(108)
    slope = float(112)
    intercept = float(116)
    magic = Array(bytes[344..<348])
    size = Array(bytes[0..<4]).words(UInt32.self, isSwapped)[0]
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
  /// Words of little-endian bytes, or of big-endian ones.
  func words<Word: FixedWidthInteger>(_ type: Word.Type, _ swapped: Bool) -> [Word] {
    let size = MemoryLayout<Word>.size
    return unsafe withUnsafeBytes { buffer in
      (0..<buffer.count / size).map { index in
        let word = unsafe buffer.loadUnaligned(fromByteOffset: index * size, as: Word.self)
        return swapped ? Word(bigEndian: word) : Word(littleEndian: word)
      }
    }
  }
}
