import KernelInterface

extension NativeKernels: QuantizationKernels {
  @inline(never)
  package func encodeGroups(
    _ values: UnsafePointer<Float>, count: Int, as quantization: Quantization,
    stream: UInt64, firstGroup: Int, into stored: UnsafeMutableRawPointer
  ) {
    let beginsAtZero = quantization.beginsAtZero
    switch quantization.bits {
    case .one:
      unsafe GroupCodec<1>(beginsAtZero: beginsAtZero).encode(
        values, count: count, stream: stream, firstGroup: firstGroup, into: stored)
    case .two:
      unsafe GroupCodec<2>(beginsAtZero: beginsAtZero).encode(
        values, count: count, stream: stream, firstGroup: firstGroup, into: stored)
    case .four:
      unsafe GroupCodec<4>(beginsAtZero: beginsAtZero).encode(
        values, count: count, stream: stream, firstGroup: firstGroup, into: stored)
    case .eight:
      unsafe GroupCodec<8>(beginsAtZero: beginsAtZero).encode(
        values, count: count, stream: stream, firstGroup: firstGroup, into: stored)
    }
  }

  @inline(never)
  package func decodeGroups(
    _ stored: UnsafeRawPointer, count: Int, as quantization: Quantization,
    into values: UnsafeMutablePointer<Float>
  ) {
    let beginsAtZero = quantization.beginsAtZero
    switch quantization.bits {
    case .one:
      unsafe GroupCodec<1>(beginsAtZero: beginsAtZero).decode(
        stored, count: count, into: values)
    case .two:
      unsafe GroupCodec<2>(beginsAtZero: beginsAtZero).decode(
        stored, count: count, into: values)
    case .four:
      unsafe GroupCodec<4>(beginsAtZero: beginsAtZero).decode(
        stored, count: count, into: values)
    case .eight:
      unsafe GroupCodec<8>(beginsAtZero: beginsAtZero).decode(
        stored, count: count, into: values)
    }
  }
}

private typealias Values = SIMD16<Float>
private typealias Words = SIMD16<UInt32>

/// The vectors of a group.
private let groupVectors = 16

/// Groups of 256 numbers as sixteen vectors.
///
/// Lane l of word vector p holds the levels of lane l of
/// some vectors that follow each other, from the lowest bits upwards, so that hardly anything moves
/// from lane to lane. Of single bits there is half a word vector: the upper lanes take the upper
/// halves of the words. Before the words stand the least value, unless all groups begin at 0, and the
/// range.
private struct GroupCodec<let bits: Int> {
  let beginsAtZero: Bool

  /// The bytes before the words.
  @inline(__always) var header: Int { beginsAtZero ? 2 : 4 }
  @inline(__always) static var wordVectors: Int { bits == 1 ? 1 : bits / 2 }
  @inline(__always) static var slots: Int { groupVectors / wordVectors }
  @inline(__always) static var levels: UInt32 { 1 << UInt32(bits) - 1 }

  func encode(
    _ values: UnsafePointer<Float>, count: Int, stream: UInt64, firstGroup: Int,
    into stored: UnsafeMutableRawPointer
  ) {
    var group = InlineArray<256, Float>(repeating: 0)
    for index in 0..<(count + 255) / 256 {
      let target = unsafe stored + index * (header + 32 * bits)
      let source = unsafe values + index * 256
      let length = min(256, count - index * 256)
      if length == 256 {
        unsafe encodeGroup(source, stream: stream, group: firstGroup + index, into: target)
      } else {
        // The rest of the last group repeats a number of its own, which leaves the range alone.
        for element in 0..<256 { group[element] = unsafe source[min(element, length - 1)] }
        unsafe withUnsafePointer(to: &group) { pointer in
          unsafe pointer.withMemoryRebound(to: Float.self, capacity: 256) { floats in
            unsafe encodeGroup(floats, stream: stream, group: firstGroup + index, into: target)
          }
        }
      }
    }
  }

  @inline(__always)
  private func encodeGroup(
    _ source: UnsafePointer<Float>, stream: UInt64, group: Int,
    into target: UnsafeMutableRawPointer
  ) {
    // Plain loops: comparisons of vectors fall apart into quarters here.
    var least = unsafe sixteen(source[0])
    var greatest = least
    for index in 0..<groupVectors {
      for lane in 0..<16 {
        let value = unsafe source[16 * index + lane]
        least[lane] = value < least[lane] ? value : least[lane]
        greatest[lane] = value > greatest[lane] ? value : greatest[lane]
      }
    }
    var (smallest, largest) = (least[0], greatest[0])
    for lane in 1..<16 {
      smallest = least[lane] < smallest ? least[lane] : smallest
      largest = greatest[lane] > largest ? greatest[lane] : largest
    }
    let minimum = beginsAtZero ? 0 : roundedDown(smallest)
    let range = roundedUp(largest - minimum)
    if !beginsAtZero { unsafe target.storeBytes(of: upperHalf(minimum), as: UInt16.self) }
    unsafe target.storeBytes(of: upperHalf(range), toByteOffset: header - 2, as: UInt16.self)

    let levels = Self.levels
    let scale = range > 0 ? Float(levels) / range : 0
    let highest = Values(repeating: Float(levels))
    for part in 0..<Self.wordVectors {
      var packed = Words(repeating: 0)
      for slot in 0..<Self.slots {
        let index = part * Self.slots + slot
        let words = randomWords(stream: stream, index: group * groupVectors + index)
        // A uniform number less a half, and rounding to the nearest: up or down at random.
        let uniform = floats(of: (words &>> 9) | 0x3F80_0000) - 1.5
        let position = unsafe (vector(source, index) - minimum) * scale + uniform
        let bounded = position.replacing(with: highest, where: position .> highest)
        // Adding 1.5·2²³ rounds to a whole number and leaves it in the lowest bits.
        let level = unsafe unsafeBitCast(bounded + 12_582_912, to: Words.self) & levels
        packed |= level &<< UInt32(slot * bits)
      }
      if bits == 1 {
        let halves = packed.lowHalf | (packed.highHalf &<< 16)
        unsafe target.storeBytes(of: halves, toByteOffset: header, as: SIMD8<UInt32>.self)
      } else {
        unsafe target.storeBytes(of: packed, toByteOffset: header + 64 * part, as: Words.self)
      }
    }
  }

  func decode(
    _ stored: UnsafeRawPointer, count: Int, into values: UnsafeMutablePointer<Float>
  ) {
    var group = InlineArray<256, Float>(repeating: 0)
    for index in 0..<(count + 255) / 256 {
      let source = unsafe stored + index * (header + 32 * bits)
      let target = unsafe values + index * 256
      let length = min(256, count - index * 256)
      if length == 256 {
        unsafe decodeGroup(source, into: target)
      } else {
        unsafe withUnsafeMutablePointer(to: &group) { pointer in
          unsafe pointer.withMemoryRebound(to: Float.self, capacity: 256) { floats in
            unsafe decodeGroup(source, into: floats)
            unsafe target.update(from: floats, count: length)
          }
        }
      }
    }
  }

  @inline(__always)
  private func decodeGroup(
    _ source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let minimum =
      unsafe beginsAtZero
      ? 0 : number(ofUpperHalf: source.loadUnaligned(as: UInt16.self))
    let range = unsafe number(
      ofUpperHalf: source.loadUnaligned(fromByteOffset: header - 2, as: UInt16.self))
    let levels = Self.levels
    let step = range / Float(levels)
    for part in 0..<Self.wordVectors {
      let packed: Words
      if bits == 1 {
        let halves = unsafe source.loadUnaligned(fromByteOffset: header, as: SIMD8<UInt32>.self)
        packed = Words(lowHalf: halves, highHalf: halves &>> 16)
      } else {
        packed = unsafe source.loadUnaligned(fromByteOffset: header + 64 * part, as: Words.self)
      }
      for slot in 0..<Self.slots {
        let level = (packed &>> UInt32(slot * bits)) & levels
        // The pattern of 2²³ + n holds n in its lowest bits.
        let position = floats(of: level | 0x4B00_0000) - 8_388_608
        unsafe store(position * step + minimum, at: target + 16 * (part * Self.slots + slot))
      }
    }
  }

  @inline(__always)
  private func vector(_ source: UnsafePointer<Float>, _ index: Int) -> Values {
    unsafe UnsafeRawPointer(source + 16 * index).loadUnaligned(as: Values.self)
  }
}

// MARK: - Numbers in 16 bits: the upper half of a float

@inline(__always)
private func upperHalf(_ number: Float) -> UInt16 {
  UInt16(truncatingIfNeeded: number.bitPattern >> 16)
}

@inline(__always)
private func number(ofUpperHalf half: UInt16) -> Float {
  Float(bitPattern: UInt32(half) << 16)
}

/// The greatest such number that is not above the given one.
@inline(__always)
private func roundedDown(_ number: Float) -> Float {
  let pattern = number.bitPattern
  let away: UInt32 = number < 0 ? 0xFFFF : 0
  return Float(bitPattern: (pattern &+ away) & 0xFFFF_0000)
}

/// The least such number that is not below the given one, which must not be negative.
@inline(__always)
private func roundedUp(_ number: Float) -> Float {
  Float(bitPattern: (number.bitPattern &+ 0xFFFF) & 0xFFFF_0000)
}
