import KernelInterface
import Kernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: elementCounts)
  func sumsAndCopiesAreExact(count: Int) throws {
    var random = TestRandom(seed: 1)
    let a = random.floats(count)
    let b = random.floats(count)
    let results = try sameForEveryEngine("\(count) elements") { engine, memory in
      let first = memory.floats(a)
      let second = memory.floats(b)
      let sum = memory.unwritten(count)
      let copy = memory.unwritten(count)
      let filled = memory.unwritten(count)
      unsafe engine.add(first.constant, second.constant, into: sum.pointer, count: count)
      unsafe engine.copy(first.constant, into: copy.pointer, count: count)
      unsafe engine.fill(filled.pointer, with: 0.25, count: count)
      unsafe engine.add(first.constant, second.constant, into: second.pointer, count: count)
      unsafe engine.accumulate(copy.constant, into: first.pointer, count: count)
      return [sum.values, second.values, copy.values, first.values, filled.values]
    }
    let sum = zip(a, b).map { $0 + $1 }
    expectSame(results, [sum, sum, a, a.map { $0 + $0 }, a.map { _ in 0.25 }])
  }

  @Test(arguments: elementCounts)
  func aSumIsRectifiedInTheSamePass(count: Int) throws {
    var random = TestRandom(seed: 2)
    let a = random.floats(count)
    let b = random.floats(count)
    for slope: Float in [0, 0.25] {
      let (values, mask) = try sameForEveryEngine("\(count) elements") { engine, memory in
        let output = memory.unwritten(count)
        let mask = memory.unwrittenBytes((count + 7) / 8)
        unsafe engine.add(
          memory.floats(a).constant, memory.floats(b).constant, into: output.pointer, count: count,
          negativeSlope: slope, mask: mask.pointer)
        return Pair(output.values, mask.values)
      }.elements
      let expected = zip(a, b).map { $0 + $1 > 0 ? $0 + $1 : slope * ($0 + $1) }
      expectSame(values, expected)
      expectSame(mask, packed(expected))
    }
  }

  @Test func findsEveryElementThatIsNotFinite() throws {
    for count in elementCounts {
      let places = Set([0, 1, count / 2, count - 17, count - 1].filter { 0..<count ~= $0 })
      let largest = Float.greatestFiniteMagnitude
      let finite = (0..<count).map { $0 % 2 == 0 ? largest : -largest }
      let results = try sameForEveryEngine("\(count) elements") { engine, memory in
        var results = [unsafe engine.isFinite(memory.floats(finite).constant, count: count)]
        for place in places.sorted() {
          for value in [Float.nan, .infinity, -.infinity] {
            let buffer = memory.floats(finite)
            unsafe buffer.pointer[place] = value
            results.append(unsafe engine.isFinite(buffer.constant, count: count))
          }
        }
        return results
      }
      #expect(results == [true] + Array(repeating: false, count: 3 * places.count))
    }
  }

  @Test(arguments: [
    (0, 3, 4), (2, 0, 4), (2, 4, 0), (1, 1, 1), (3, 25, 16), (2, 49, 6), (1, 200, 513), (5, 16, 1),
    (1, 3, 40_000),
  ])
  func transposesEverySample(batch: Int, rows: Int, columns: Int) throws {
    let count = batch * rows * columns
    let input = (0..<count).map(Float.init)
    let (there, back) = try sameForEveryEngine("\(batch), \(rows), \(columns)") { engine, memory in
      let output = memory.unwritten(count)
      let back = memory.unwritten(count)
      unsafe engine.transposeMaps(
        input: memory.floats(input).constant, output: output.pointer, batch: batch, rows: rows,
        columns: columns)
      unsafe engine.transposeMaps(
        input: output.constant, output: back.pointer, batch: batch, rows: columns, columns: rows)
      return Pair(output.values, back.values)
    }.elements
    var expected: [Float] = []
    for sample in 0..<batch {
      for column in 0..<columns {
        for row in 0..<rows { expected.append(input[(sample * rows + row) * columns + column]) }
      }
    }
    expectSame(there, expected)
    expectSame(back, input)
  }
}

/// Two arrays that can be compared: tuples cannot.
struct Pair<First: Equatable, Second: Equatable>: Equatable {
  var first: First
  var second: Second

  init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  var elements: (First, Second) { (first, second) }
}

/// The bits that `packSigns` is to write.
func packed(_ values: [Float]) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8)
  for (index, value) in values.enumerated() where value > 0 {
    bytes[index / 8] |= 1 << UInt8(index % 8)
  }
  return bytes
}
