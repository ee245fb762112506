@testable import Schedules

/// What is wrong with a placement.
enum InvalidPlacement: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is not one offset a buffer.
  case wrongCount(offsets: Int, buffers: Int)
  /// A buffer that must lie at one offset lies at another.
  case movedFixedBuffer(buffer: Int, offset: Int, fixedOffset: Int)
  /// An offset is negative, or the buffer's end is no number any more.
  case offsetOutOfRange(buffer: Int, offset: Int)
  /// An offset is no multiple of the alignment.
  case misaligned(buffer: Int, offset: Int, alignment: Int)
  /// A buffer ends above the capacity.
  case overCapacity(buffer: Int, end: Int, capacity: Int)
  /// Two buffers that are needed at the same time share memory.
  case overlap(Int, Int)

  /// One sentence.
  var description: String {
    switch self {
    case .wrongCount(let offsets, let buffers):
      "there are \(offsets) offsets for \(buffers) buffers"
    case .movedFixedBuffer(let buffer, let offset, let fixedOffset):
      "buffer \(buffer) lies at \(offset) and must lie at \(fixedOffset)"
    case .offsetOutOfRange(let buffer, let offset):
      "buffer \(buffer) cannot lie at \(offset)"
    case .misaligned(let buffer, let offset, let alignment):
      "buffer \(buffer) lies at \(offset), which is no multiple of \(alignment)"
    case .overCapacity(let buffer, let end, let capacity):
      "buffer \(buffer) ends at \(end), above the capacity of \(capacity)"
    case .overlap(let first, let second):
      "buffers \(first) and \(second) share memory while both are needed"
    }
  }
}

/// Proves a placement right, knowing nothing of how it was made.
enum PlacementValidator {
  /// Checks a placement.
  ///
  /// - Parameters:
  ///   - offsets: The offset of every buffer.
  ///   - buffers: The buffers.
  ///   - capacity: The bytes of the slab.
  ///   - alignment: What all offsets must be multiples of.
  ///   - fixedOffsets: The buffers that must lie at one offset, by index.
  /// - Throws: `InvalidPlacement` for the first thing that is wrong.
  /// - Complexity: O(n²).
  static func check(
    _ offsets: [Int], of buffers: [PlacementBuffer], capacity: Int = .max, alignment: Int = 1,
    fixedOffsets: [Int: Int] = [:]
  ) throws(InvalidPlacement) {
    guard offsets.count == buffers.count else {
      throw .wrongCount(offsets: offsets.count, buffers: buffers.count)
    }
    for (index, offset) in offsets.enumerated() {
      if let fixed = fixedOffsets[index], fixed != offset {
        throw .movedFixedBuffer(buffer: index, offset: offset, fixedOffset: fixed)
      }
      let (end, overflow) = offset.addingReportingOverflow(buffers[index].size)
      guard offset >= 0, !overflow else {
        throw .offsetOutOfRange(buffer: index, offset: offset)
      }
      guard offset % alignment == 0 else {
        throw .misaligned(buffer: index, offset: offset, alignment: alignment)
      }
      guard end <= capacity else {
        throw .overCapacity(buffer: index, end: end, capacity: capacity)
      }
    }
    for second in buffers.indices {
      for first in 0..<second where buffers[first].meets(buffers[second]) {
        let lowest = min(
          offsets[first] + buffers[first].size, offsets[second] + buffers[second].size)
        guard max(offsets[first], offsets[second]) >= lowest else {
          throw .overlap(first, second)
        }
      }
    }
  }
}
