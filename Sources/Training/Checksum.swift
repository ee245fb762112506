import CZlib

/// The CRC-32 of bytes that are added piece by piece: finds damage, not malice.
struct Checksum {
  private(set) var value: UInt32 = 0

  /// Adds the bytes of numbers.
  mutating func add<Element: BitwiseCopyable>(_ elements: [Element]) {
    unsafe elements.withUnsafeBytes { unsafe add($0) }
  }

  /// Adds the bytes of a text.
  mutating func add(_ text: String) {
    add(Array(text.utf8))
  }

  /// Adds bytes.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    // Without bytes zlib would begin anew.
    guard let start = unsafe start else { return }
    value = unsafe UInt32(truncatingIfNeeded: crc32_z(UInt(value), start, bytes.count))
  }
}
