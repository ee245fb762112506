import CZlib
import Files

/// Decompresses a gzip file of one or more members, a piece at a time.
///
/// Holds one buffer of 64 KiB and what zlib needs (about 40 KiB), however large the file is. Members
/// are one stream, as RFC 1952 has them (section 2.2); zero bytes behind a member are passed over, as
/// tapes and some archivers leave them and GNU gzip ignores them. Checksum and length of a member are
/// checked when a read goes beyond its last byte, so that only who reads to the end knows that the
/// data are those that were written.
@safe final class GzipReader {
  private static let bufferSize = 1 << 16

  private var source: CompressedSource
  private let input: UnsafeMutableRawBufferPointer
  /// zlib keeps the address of its stream, so the stream must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isBetweenMembers = false
  private var isInFirstMember = true
  private var isAtStart = true

  /// Prepares to read; nothing is read yet.
  init(_ source: consuming CompressedSource) {
    self.source = source
    unsafe input = .allocate(byteCount: Self.bufferSize, alignment: 16)
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 16 more than the largest window: gzip members and nothing else.
    let status = unsafe inflateInit2_(
      stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start")
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
    unsafe input.deallocate()
  }

  /// Fills `output` as far as there are data and returns the number of bytes: less at the end.
  ///
  /// - Throws: `DatasetError` when the data are not whole gzip members, `FileFailure` when reading
  ///   fails.
  func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = UInt32(output.count)
    while unsafe stream.pointee.avail_out > 0 {
      if unsafe stream.pointee.avail_in == 0, try !refill() {
        guard isBetweenMembers else { throw failure(isAtStart ? .notGzip : .truncatedGzip) }
        break
      }
      if isBetweenMembers, try !startMember() { continue }
      isAtStart = false
      try inflateSome()
    }
    return unsafe output.count - Int(stream.pointee.avail_out)
  }

  /// Reads more compressed bytes; false when there are none.
  private func refill() throws -> Bool {
    let count = unsafe try source.read(into: input)
    unsafe stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = UInt32(count)
    return count > 0
  }

  /// Begins the next member; false when the bytes that are here are padding.
  private func startMember() throws -> Bool {
    while unsafe stream.pointee.avail_in > 0, unsafe stream.pointee.next_in.pointee == 0 {
      unsafe stream.pointee.next_in += 1
      unsafe stream.pointee.avail_in -= 1
    }
    guard unsafe stream.pointee.avail_in > 0 else { return false }
    guard unsafe stream.pointee.next_in.pointee == 0x1f else { throw failure(.trailingData) }
    unsafe inflateReset(stream)
    isBetweenMembers = false
    isInFirstMember = false
    return true
  }

  private func inflateSome() throws {
    let status = unsafe inflate(stream, Z_NO_FLUSH)
    switch status {
    case Z_OK, Z_BUF_ERROR:
      return
    case Z_STREAM_END:
      isBetweenMembers = true
    case Z_MEM_ERROR:
      throw FileFailure(
        category: .overBudget,
        description: "cannot read '\(source.name)': the system has no more memory")
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? ""
      guard message == "incorrect header check" else {
        throw failure(.corruptGzip(Self.reason(message)))
      }
      throw failure(isInFirstMember ? .notGzip : .trailingData)
    }
  }

  private static func reason(_ message: String) -> String {
    switch message {
    case "incorrect data check": "the checksum of its data does not match"
    case "incorrect length check": "the length of its data does not match"
    case "": "its compressed data cannot be read"
    default: "its compressed data have an \(message)"
    }
  }

  private func failure(_ problem: DatasetError.Problem) -> DatasetError {
    DatasetError(path: source.name, problem: problem)
  }
}
