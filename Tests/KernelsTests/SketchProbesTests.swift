import KernelInterface
import Kernels
import NativeEngine
import Testing

/// The random numbers of sketches.
@Suite struct SketchProbesTests {
  enum Kind: CaseIterable { case signs, normals }

  static func fill(
    _ kind: Kind, stream: UInt64, first: Int = 0, count: Int,
    instructionSet: InstructionSet = .widest
  ) -> [Float] {
    let kernels = Engine(threadCount: 1, instructionSet: instructionSet).kernels
    var numbers = [Float](repeating: .nan, count: count)
    unsafe numbers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      switch kind {
      case .signs: unsafe kernels.fillSigns(stream: stream, first: first, count: count, into: base)
      case .normals:
        unsafe kernels.fillNormals(stream: stream, first: first, count: count, into: base)
      }
    }
    return numbers
  }

  @Test(arguments: Kind.allCases)
  func anyPartOfAStreamIsTheSame(kind: Kind) {
    let whole = Self.fill(kind, stream: 7, count: 500)
    for (first, count) in [(0, 1), (1, 63), (31, 33), (64, 64), (63, 130), (100, 400), (0, 500)] {
      let part = Self.fill(kind, stream: 7, first: first, count: count)
      #expect(part == Array(whole[first..<first + count]))
    }
  }

  @Test(arguments: Kind.allCases)
  func everyInstructionSetDrawsTheSame(kind: Kind) {
    let wanted = Self.fill(kind, stream: 11, count: 4096)
    for instructionSet in InstructionSet.available {
      #expect(
        Self.fill(kind, stream: 11, count: 4096, instructionSet: instructionSet) == wanted)
    }
  }

  @Test func signsAreSigns() {
    #expect(Self.fill(.signs, stream: 3, count: 1000).allSatisfy { abs($0) == 1 })
  }

  @Test func normalsHaveNormalMoments() {
    let count = 1_000_000
    let numbers = Self.fill(.normals, stream: 5, count: count).map { Double($0) }
    // E zᵏ of a standard normal, and the variance of zᵏ: E z²ᵏ − (E zᵏ)².
    for (power, mean, variance) in [
      (1, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10_170),
    ] {
      let sum = numbers.reduce(0) { total, number in
        total + (0..<power).reduce(1) { product, _ in product * number }
      }
      let tolerance = 4.5 * (variance / Double(count)).squareRoot()
      #expect(abs(sum / Double(count) - mean) < tolerance, "moment \(power)")
    }
    // The share beyond 1, 2 and 3 standard deviations.
    for (bound, share) in [(1.0, 0.317_310_5), (2, 0.045_500_3), (3, 0.002_699_8)] {
      let beyond = numbers.count { abs($0) > bound }
      let tolerance = 4.5 * (share * (1 - share) * Double(count)).squareRoot()
      #expect(abs(Double(beyond) - share * Double(count)) < tolerance, "beyond \(bound)")
    }
  }

  @Test(arguments: Kind.allCases)
  func neighboursAreUncorrelated(kind: Kind) {
    let count = 1 << 18
    let numbers = Self.fill(kind, stream: 13, count: count + 4096)
    let tolerance = 4.8 / Double(count).squareRoot()
    for lag in [1, 2, 3, 4, 7, 8, 15, 16, 17, 28, 31, 32, 33, 63, 64, 65, 128, 784, 1024, 4096] {
      var sum = 0.0
      var sumOfSquares = 0.0
      for index in 0..<count {
        let product = Double(numbers[index]) * Double(numbers[index + lag])
        sum += product
        sumOfSquares += product * product
      }
      #expect(abs(sum / Double(count)) < tolerance, "lag \(lag)")
      // Of normals, the variance of z²w² is 8; of signs it is 0.
      #expect(abs(sumOfSquares / Double(count) - 1) < 3 * tolerance, "squares, lag \(lag)")
    }
  }

  @Test(arguments: Kind.allCases)
  func streamsOfNeighbouringSeedsAreUncorrelated(kind: Kind) {
    let count = 1 << 16
    let numbers = (0..<5).map { Self.fill(kind, stream: $0, count: count) }
    for first in 0..<5 {
      for second in 0..<first {
        let sum = zip(numbers[first], numbers[second]).reduce(0.0) {
          $0 + Double($1.0) * Double($1.1)
        }
        #expect(abs(sum) < 4.8 * Double(count).squareRoot())
      }
    }
  }
}
