import KernelInterface
import Kernels
import NativeEngine
import TestSupport
import Testing

/// Memory for the arrays of one run of kernels, each between guards that must stay as they are.
///
/// The front guard is one element, so that arrays are aligned no better than kernels may ask.
final class TestMemory {
  private var free: [() -> Void] = []
  private var guardsIntact: [() -> Bool] = []

  deinit {
    #expect(guardsIntact.allSatisfy { $0() }, "a kernel wrote outside its array")
    for free in free { free() }
  }

  func array<Element: BitwiseCopyable & Equatable>(_ values: [Element], guardValue: Element)
    -> TestArray<Element>
  {
    let guardsBehind = 32
    let count = values.count
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: count + 1 + guardsBehind)
    unsafe memory.initialize(repeating: guardValue, count: count + 1 + guardsBehind)
    unsafe (memory + 1).update(from: values, count: count)
    free.append { unsafe memory.deallocate() }
    guardsIntact.append {
      let behind = (count + 1)..<(count + 1 + guardsBehind)
      return unsafe memory[0] == guardValue
        && behind.allSatisfy { unsafe memory[$0] == guardValue }
    }
    return unsafe TestArray(pointer: memory + 1, count: count)
  }

  func floats(_ values: [Float]) -> TestArray<Float> { array(values, guardValue: 12345.678) }

  func labels(_ values: [Int32]) -> TestArray<Int32> { array(values, guardValue: -1) }

  func bytes(_ values: [UInt8]) -> TestArray<UInt8> { array(values, guardValue: 0x5A) }

  /// Floats that a kernel must overwrite: one that stays shows.
  func unwritten(_ count: Int) -> TestArray<Float> { floats(Array(repeating: .nan, count: count)) }

  /// Bytes that a kernel must overwrite.
  func unwrittenBytes(_ count: Int) -> TestArray<UInt8> {
    bytes(Array(repeating: 0xA5, count: count))
  }
}

/// One array of a `TestMemory`, valid as long as that.
@safe struct TestArray<Element: BitwiseCopyable & Equatable> {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  var constant: UnsafePointer<Element> { unsafe UnsafePointer(pointer) }
  var values: [Element] { unsafe Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

extension TestArray<Float> {
  var bits: [UInt32] { values.map(\.bitPattern) }
}

extension TestRandom {
  /// `count` numbers between -1 and 1, some of them exactly 0.
  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in
      Int.random(in: 0..<16, using: &self) == 0 ? 0 : Float.random(in: -1...1, using: &self)
    }
  }
}

/// Sizes below, at and above vectors, blocks and tasks.
let elementCounts = [0, 1, 7, 8, 9, 15, 16, 17, 33, 8_192, 8_201, 32_768, 32_769, 100_003]

/// Runs `body` with every available instruction set and 1, 2 and 4 threads, and expects results
/// that are the same to the bit for all of them; returns the results.
///
/// Instruction sets agree too, since these kernels use the same vectors and no fused operations.
func sameForEveryEngine<Result: Equatable>(
  _ comment: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: (Engine, TestMemory) throws -> Result
) throws -> Result {
  var first: Result?
  for instructionSet in InstructionSet.available {
    for threadCount in [1, 2, 4] {
      let engine = Engine(threadCount: threadCount, instructionSet: instructionSet)
      let memory = TestMemory()
      let result = try withExtendedLifetime(memory) { try body(engine, memory) }
      if let first {
        expectSame(
          result, first, "\(comment): \(instructionSet), \(threadCount) threads differ",
          sourceLocation: sourceLocation)
      } else {
        first = result
      }
    }
  }
  return try #require(first)
}

/// Expects equal values, without the list of differences, which would take minutes for long arrays.
func expectSame<Value: Equatable>(
  _ actual: Value, _ expected: Value, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let same = actual == expected
  #expect(same, "\(comment)", sourceLocation: sourceLocation)
}

/// Expects errors of at most `tolerance` times the largest magnitude of the reference.
func expectClose(
  _ actual: [Float], _ expected: [Double], tolerance: Double, _ comment: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(comment)", sourceLocation: sourceLocation)
  let magnitude = expected.reduce(0) { max($0, abs($1)) }
  let error = zip(actual, expected).reduce(0.0) { worst, pair in
    let error = abs(Double(pair.0) - pair.1)
    return error <= worst ? worst : error
  }
  #expect(
    error <= tolerance * magnitude, "\(comment): relative error \(error / magnitude)",
    sourceLocation: sourceLocation)
}

extension [Float] {
  init(bits: [UInt32]) { self = bits.map(Float.init(bitPattern:)) }

  var doubles: [Double] { map(Double.init) }
}
