/// Floats at a multiple of 64 bytes, freed when the value ends.
@safe
struct AlignedFloats: ~Copyable {
  let start: UnsafeMutablePointer<Float>
  let count: Int

  /// Takes memory and fills it with numbers from -1 to 1 that depend on the seed.
  init(count: Int, seed: UInt64) {
    self.count = max(1, count)
    let byteCount = self.count * MemoryLayout<Float>.stride
    unsafe start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
      .bindMemory(to: Float.self, capacity: self.count)
    fill(seed: seed)
  }

  deinit {
    unsafe start.deallocate()
  }

  /// Writes a run of random numbers, and copies of it behind: kernels do not mind, and a large
  /// tensor is filled as fast as memory can be written.
  private func fill(seed: UInt64) {
    // A prime number, so that no map's row is the copy of the one before.
    let period = min(count, 8191)
    var state = seed
    for index in 0..<period {
      // The generator of Knuth's MMIX; its upper bits are good enough for numbers to multiply.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      unsafe (start + index).initialize(to: Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31)
    }
    var index = period
    while index < count {
      let length = min(period, count - index)
      unsafe (start + index).initialize(from: start, count: length)
      index += length
    }
  }
}
