import CZlib
import Files

/// Bytes as one gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = unsafe z_stream()
  var status = unsafe deflateInit2_(
    &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY,
    ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  precondition(status == Z_OK)
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
  unsafe input.withUnsafeMutableBufferPointer { source in
    unsafe output.withUnsafeMutableBufferPointer { destination in
      unsafe stream.next_in = source.baseAddress
      unsafe stream.avail_in = UInt32(source.count)
      unsafe stream.next_out = destination.baseAddress
      unsafe stream.avail_out = UInt32(destination.count)
      status = unsafe deflate(&stream, Z_FINISH)
    }
  }
  precondition(status == Z_STREAM_END)
  output.removeLast(Int(unsafe stream.avail_out))
  unsafe deflateEnd(&stream)
  return output
}

/// An IDX file of bytes, not compressed.
func idx(_ extents: [Int], _ bytes: [UInt8], magic: [UInt8] = [0, 0, 8]) -> [UInt8] {
  magic + [UInt8(extents.count)]
    + extents.flatMap { extent in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: extent >> $0) }
    } + bytes
}

/// Writes bytes to a file.
func write(_ bytes: [UInt8], to path: String) throws {
  var writer = try AtomicFileWriter(path: path)
  var failure: FileFailure?
  unsafe bytes.withUnsafeBytes { buffer in
    do throws(FileFailure) {
      try unsafe writer.write(buffer)
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  try writer.commit()
}

/// The SHA-256 of bytes in hexadecimal digits, as FIPS 180-4 defines it.
func sha256(_ message: some Collection<UInt8>) -> String {
  // The first 32 bits of the fractional parts of roots of the first primes.
  let primes = (2...311).filter { candidate in
    (2..<candidate).allSatisfy { candidate % $0 != 0 }
  }
  func fraction(_ prime: Int, power: Int) -> UInt32 {
    // The largest r with r^power ≤ prime · 2^(32·power), by bisection in exact arithmetic.
    var (low, high) = (UInt64(0), UInt64(1) << 40)
    while high - low > 1 {
      let middle = (low + high) / 2
      if isAtMost(middle, power, prime) { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }
  func isAtMost(_ root: UInt64, _ power: Int, _ prime: Int) -> Bool {
    let limit = UInt128(prime) << (32 * UInt128(power))
    let square = UInt128(root) * UInt128(root)
    return power == 2 ? square <= limit : square <= limit / UInt128(max(root, 1))
  }
  let constants = primes.map { fraction($0, power: 3) }
  var state = primes.prefix(8).map { fraction($0, power: 2) }

  var padded = Array(message) + [0x80]
  padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
  padded += (0..<8).reversed().map { UInt8(truncatingIfNeeded: (message.count * 8) >> ($0 * 8)) }

  func rotate(_ value: UInt32, _ bits: UInt32) -> UInt32 { value >> bits | value << (32 - bits) }
  for block in stride(from: 0, to: padded.count, by: 64) {
    var w = (0..<16).map { word in
      padded[block + 4 * word..<block + 4 * word + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    for t in 16..<64 {
      let s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3
      let s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10
      w.append(w[t - 16] &+ s0 &+ w[t - 7] &+ s1)
    }
    var v = state
    for t in 0..<64 {
      let s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)
      let choice = v[4] & v[5] ^ ~v[4] & v[6]
      let t1 = v[7] &+ s1 &+ choice &+ constants[t] &+ w[t]
      let s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)
      let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
      v = [t1 &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
    }
    for index in state.indices { state[index] &+= v[index] }
  }
  return state.map { word in
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }.joined()
}
