import KernelInterface
import Kernels
import NativeEngine
import Testing

/// Numbers held in few bits.
@Suite struct QuantizationTests {
  static let counts = [0, 1, 2, 15, 16, 17, 255, 256, 257, 1000, 16_384, 16_385, 40_000]

  static func encode(
    _ values: [Float], _ quantization: Quantization, engine: Engine
  ) -> [UInt8] {
    var stored = [UInt8](repeating: 0xEE, count: quantization.byteCount(count: values.count))
    unsafe stored.withUnsafeMutableBytes { stored in
      unsafe values.withUnsafeBufferPointer { values in
        guard let target = stored.baseAddress, let source = values.baseAddress else { return }
        unsafe engine.quantize(quantization, source, count: values.count, into: target)
      }
    }
    return stored
  }

  static func decode(
    _ stored: [UInt8], count: Int, _ quantization: Quantization, engine: Engine
  ) -> [Float] {
    // One number more than needed: it must stay as it is.
    var values = [Float](repeating: .nan, count: count + 1)
    unsafe stored.withUnsafeBytes { stored in
      unsafe values.withUnsafeMutableBufferPointer { values in
        guard let source = stored.baseAddress, let target = values.baseAddress else { return }
        unsafe engine.dequantize(quantization, source, count: count, into: target)
      }
    }
    #expect(values[count].isNaN)
    return Array(values.dropLast())
  }

  static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    SketchProbesTests.fill(.normals, stream: seed, count: count)
  }

  /// The distance of levels, with the range rounded up and the minimum rounded down to 8 bits.
  static func step(_ group: ArraySlice<Float>, _ bits: Quantization.Bits) -> Float {
    let (least, greatest) = (group.min() ?? 0, group.max() ?? 0)
    let largest = max(abs(least), abs(greatest))
    return (greatest - least + largest / 64) * (1 + 1 / 64) / Float((1 << bits.rawValue) - 1)
  }

  @Test(arguments: Quantization.Bits.allCases)
  func decodedNumbersAreWithinAStep(bits: Quantization.Bits) {
    for instructionSet in InstructionSet.available {
      let engine = Engine(threadCount: 2, instructionSet: instructionSet)
      for count in Self.counts {
        let values = Self.numbers(count, seed: UInt64(count)).map { $0 * 3 - 5 }
        let quantization = Quantization(bits: bits, seed: 3)
        let stored = Self.encode(values, quantization, engine: engine)
        let decoded = Self.decode(stored, count: count, quantization, engine: engine)
        for start in stride(from: 0, to: count, by: 256) {
          let group = values[start..<min(start + 256, count)]
          let step = Self.step(group, bits)
          #expect(group.indices.allSatisfy { abs(decoded[$0] - values[$0]) <= step }, "\(count)")
        }
      }
    }
  }

  @Test(arguments: Quantization.Bits.allCases)
  func bitsDoNotDependOnThreadsOrInstructionSets(bits: Quantization.Bits) {
    let values = Self.numbers(50_000, seed: 1)
    let quantization = Quantization(bits: bits, seed: 17)
    let wanted = Self.encode(
      values, quantization, engine: Engine(threadCount: 1, instructionSet: .baseline))
    for instructionSet in InstructionSet.available {
      for threadCount in [1, 2, 4] {
        let engine = Engine(threadCount: threadCount, instructionSet: instructionSet)
        #expect(Self.encode(values, quantization, engine: engine) == wanted)
      }
    }
    let other = Self.encode(
      values, Quantization(bits: bits, seed: 18),
      engine: Engine(threadCount: 1, instructionSet: .widest))
    #expect(other != wanted)
  }

  /// Unbiased, and with the variance f·(1 − f)·step² at the fraction f between two levels.
  @Test(arguments: Quantization.Bits.allCases, [false, true])
  func roundingHasTheMeanAndTheVarianceOfTheClosedForm(
    bits: Quantization.Bits, beginsAtZero: Bool
  ) {
    let engine = Engine(threadCount: 1, instructionSet: .widest)
    // Whole numbers of 0 … 255 steps of an eighth: least value and range are exact in 16 bits.
    let range: Float = 8
    let least: Float = beginsAtZero ? 0 : -3
    var values = (0..<256).map { Float($0) / 256 * range + least }
    values[100] = range + least
    // A group of numbers above 0 begins there all the same.
    if beginsAtZero { values[0] = 0.5 }
    let step = Double(range) / Double((1 << bits.rawValue) - 1)
    let draws = 4000
    var sums = [Double](repeating: 0, count: 256)
    var squares = sums
    for seed in 0..<draws {
      let quantization = Quantization(
        bits: bits, seed: UInt64(seed), beginsAtZero: beginsAtZero)
      let decoded = Self.decode(
        Self.encode(values, quantization, engine: engine), count: 256, quantization,
        engine: engine)
      for index in 0..<256 {
        let error = Double(decoded[index]) - Double(values[index])
        sums[index] += error
        squares[index] += error * error
      }
    }
    for index in 0..<256 {
      let position = Double(values[index] - least) / step
      let fraction = position - position.rounded(.down)
      let variance = fraction * (1 - fraction) * step * step
      let mean = sums[index] / Double(draws)
      // 4.5 standard errors for each of 256 numbers; the spread of a squared error is below step²/2.
      let rounding = 1e-6 * Double(range)
      #expect(abs(mean) <= 4.5 * (variance / Double(draws)).squareRoot() + rounding)
      let spread = 4.5 * step * step / 2 / Double(draws).squareRoot()
      #expect(abs(squares[index] / Double(draws) - variance) <= spread)
    }
  }

  @Test(arguments: Quantization.Bits.allCases)
  func constantsOfSixteenBitsAreExact(bits: Quantization.Bits) {
    let engine = Engine(threadCount: 1, instructionSet: .widest)
    for constant in [Float(0), 1, -2.5, 96] {
      let values = [Float](repeating: constant, count: 300)
      let quantization = Quantization(bits: bits, seed: 1)
      let stored = Self.encode(values, quantization, engine: engine)
      #expect(Self.decode(stored, count: 300, quantization, engine: engine) == values)
    }
  }

  /// Where groups begin at 0 no least value is stored; a group that has a 0 has the same levels.
  @Test(arguments: Quantization.Bits.allCases)
  func groupsThatBeginAtZeroHaveTheSameLevels(bits: Quantization.Bits) {
    for instructionSet in InstructionSet.available {
      let engine = Engine(threadCount: 2, instructionSet: instructionSet)
      for count in [1, 255, 256, 257, 20_000] {
        var values = Self.numbers(count, seed: UInt64(count)).map { max(0, $0) }
        for start in stride(from: 0, to: count, by: 256) { values[start] = 0 }
        let quantization = Quantization(bits: bits, seed: 5)
        let zero = Quantization(bits: bits, seed: 5, beginsAtZero: true)
        let stored = Self.encode(values, quantization, engine: engine)
        let shorter = Self.encode(values, zero, engine: engine)
        #expect(shorter.count == stored.count - 2 * ((count + 255) / 256))
        #expect(
          Self.decode(shorter, count: count, zero, engine: engine)
            == Self.decode(stored, count: count, quantization, engine: engine))
      }
    }
  }

  @Test func bytesAreThoseOfTheFormula() {
    for (bits, group) in [(Quantization.Bits.one, 36), (.two, 68), (.four, 132), (.eight, 260)] {
      let quantization = Quantization(bits: bits, seed: 0)
      #expect(quantization.byteCount(count: 0) == 0)
      #expect(quantization.byteCount(count: 1) == group)
      #expect(quantization.byteCount(count: 256) == group)
      #expect(quantization.byteCount(count: 257) == 2 * group)
      let zero = Quantization(bits: bits, seed: 0, beginsAtZero: true)
      #expect(zero.byteCount(count: 257) == 2 * (group - 2))
    }
  }

  /// Rounding of neighbours, and of the same place with another seed, must not go together.
  @Test func errorsAreUncorrelated() {
    let engine = Engine(threadCount: 1, instructionSet: .widest)
    let values = Self.numbers(1 << 16, seed: 4)
    func errors(seed: UInt64) -> [Double] {
      let quantization = Quantization(bits: .two, seed: seed)
      let decoded = Self.decode(
        Self.encode(values, quantization, engine: engine), count: values.count, quantization,
        engine: engine)
      return zip(decoded, values).map { Double($0) - Double($1) }
    }
    let first = errors(seed: 0)
    let second = errors(seed: 1)
    let variance = first.reduce(0) { $0 + $1 * $1 }
    #expect(variance > 0)
    for lag in [1, 2, 15, 16, 17, 32, 64, 128, 256, 512] {
      let sum = zip(first, first.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(sum) < 4.8 * variance / Double(values.count).squareRoot(), "lag \(lag)")
    }
    let cross = zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    // Errors of the same number share its distances to both levels, but not the direction.
    #expect(abs(cross) < 4.8 * variance / Double(values.count).squareRoot() * 2)
  }
}
