extension GzipReader {
  private static let pieceSize = 1 << 16

  /// The next bytes, in one array; fewer at the end of the data.
  func read(byteCount: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    // A header may promise more than there is: what is reserved at once is limited.
    bytes.reserveCapacity(min(byteCount, 1 << 26))
    try unsafe forEachPiece(of: byteCount) { unsafe bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Reads to the end and returns how many bytes there were.
  func skipRest() throws -> Int {
    var count = 0
    try unsafe forEachPiece(of: .max) { count += $0.count }
    return count
  }

  private func forEachPiece(
    of byteCount: Int, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws {
    let size = min(byteCount, Self.pieceSize)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { unsafe piece.deallocate() }
    var left = byteCount
    while left > 0 {
      let wanted = min(left, size)
      let count = unsafe try read(into: UnsafeMutableRawBufferPointer(rebasing: piece[..<wanted]))
      unsafe body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      left -= count
      if count < wanted { break }
    }
  }
}
