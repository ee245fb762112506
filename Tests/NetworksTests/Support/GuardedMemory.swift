import Networks

/// Memory of one pass, with a guard before and behind each piece; freed as a whole.
///
/// Pieces begin as bytes that are not a number when read as floats, so that what a pass reads and
/// nobody wrote shows.
@safe struct GuardedMemory: ~Copyable {
  private static let guardByte: UInt8 = 0xA5
  /// As long as the alignment, so that the piece behind it is aligned too.
  private static let guardCount = 64
  private var pieces: [(start: UnsafeMutableRawPointer, count: Int)] = unsafe []

  deinit {
    unsafe pieces.forEach { unsafe ($0.start - Self.guardCount).deallocate() }
  }

  mutating func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count + 2 * Self.guardCount, alignment: 64)
    unsafe memory.initializeMemory(
      as: UInt8.self, repeating: Self.guardByte, count: count + 2 * Self.guardCount)
    let start = unsafe memory + Self.guardCount
    unsafe start.initializeMemory(as: UInt8.self, repeating: 0xFF, count: count)
    unsafe pieces.append((start, count))
    return unsafe start
  }

  mutating func copy(_ values: [UInt8]) -> UnsafeMutableRawPointer {
    let start = unsafe bytes(values.count)
    unsafe values.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(start: start, count: values.count).copyMemory(
        from: source)
    }
    return unsafe start
  }

  mutating func floats(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    let start = unsafe bytes(values.count * 4).bindMemory(to: Float.self, capacity: values.count)
    unsafe start.initialize(from: values, count: values.count)
    return unsafe start
  }

  mutating func constants(_ lists: [[Float]]) -> [UnsafePointer<Float>] {
    var pointers: [UnsafePointer<Float>] = unsafe []
    for list in lists { unsafe pointers.append(UnsafePointer(floats(list))) }
    return unsafe pointers
  }

  mutating func labels(_ values: [Int32]) -> UnsafePointer<Int32> {
    let start = unsafe bytes(values.count * 4).bindMemory(to: Int32.self, capacity: values.count)
    unsafe start.initialize(from: values, count: values.count)
    return unsafe UnsafePointer(start)
  }

  mutating func report() -> UnsafeMutablePointer<LossReport> {
    let start = unsafe bytes(MemoryLayout<LossReport>.stride)
      .bindMemory(to: LossReport.self, capacity: 1)
    unsafe start.initialize(to: LossReport())
    return unsafe start
  }

  /// Whether something was written before or behind a piece.
  var overran: Bool {
    unsafe pieces.contains { piece in
      unsafe !isWhole(piece.start - Self.guardCount) || !isWhole(piece.start + piece.count)
    }
  }

  private func isWhole(_ side: UnsafeMutableRawPointer) -> Bool {
    unsafe UnsafeRawBufferPointer(start: side, count: Self.guardCount)
      .allSatisfy { $0 == Self.guardByte }
  }
}
