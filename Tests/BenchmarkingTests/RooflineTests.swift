import Kernels
import NativeEngine
import Testing

@testable import Calibration

@Suite(.serialized) struct RooflineTests {
  @Test(arguments: InstructionSet.available, [1, 3])
  func triadsAreRight(instructionSet: InstructionSet, threadCount: Int) {
    let engine = Engine(threadCount: threadCount, instructionSet: instructionSet)
    for count in [0, 1, 15, 16, 17, 47, 48, 49, 1003] {
      let a = (0..<count).map { Float($0) }
      let b = (0..<count).map { Float(3 * $0 + 1) }
      var result = [Float](repeating: -1, count: count + 1)
      let bytes = unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
          unsafe result.withUnsafeMutableBufferPointer { result -> Int in
            guard let a = a.baseAddress, let b = b.baseAddress, let result = result.baseAddress
            else { return 0 }
            return unsafe engine.triad(a, b, scale: 0.5, into: result, count: count, sweeps: 2)
          }
        }
      }
      // All numbers are small multiples of one half: exact.
      let expected = zip(a, b).map { $0 + 0.5 * $1 }
      #expect(Array(result.dropLast()) == expected, "count \(count)")
      #expect(result.last == -1, "count \(count)")
      if count > 0 { #expect(bytes == 2 * 12 * count) }
    }
  }

  @Test(arguments: InstructionSet.available)
  func thePeakKernelDoesWhatItIsCountedFor(instructionSet: InstructionSet) {
    let engine = Engine(threadCount: 1, instructionSet: instructionSet)
    let kernels = engine.kernels
    let chains = Float(kernels.floatingPointOperationsPerRound / 2)
    // Every chain is 0, ½, ¾, ⅞, …
    #expect(kernels.multiplyInRegisters(rounds: 0) == 0)
    #expect(kernels.multiplyInRegisters(rounds: 1) == chains / 2)
    #expect(kernels.multiplyInRegisters(rounds: 3) == chains * 7 / 8)
    #expect(engine.multiplyInRegisters(rounds: 3) == 3 * kernels.floatingPointOperationsPerRound)
  }

  @Test func ratesAreMeasured() throws {
    let engine = Engine(threadCount: 1, instructionSet: .widest)
    var roofline = Roofline()
    roofline.measurePeak(engine)
    #expect(roofline.peakGigaFLOPs > 0)
    let bytes = 3 << 20
    roofline.measureTriad(engine, byteCount: bytes, memory: TriadMemory(byteCount: bytes))
    #expect((roofline.triadGigabytesPerSecond[bytes] ?? 0) > 0)
  }

  @Test func limitsAreTheLowerOfArithmeticAndMemory() throws {
    // A 1×1 convolution of one channel does 2 operations for 8 bytes and the weight.
    let thin = try BenchmarkLayer(parsing: "1,1,256,256,1,1,1,1,0,1,1").geometry
    let thick = try BenchmarkLayer(parsing: "1,256,16,16,256,3,3,1,1,1,1").geometry
    let roofline = Roofline(
      peakGigaFLOPs: 100,
      triadGigabytesPerSecond: [thin.trafficByteCount: 40, thick.trafficByteCount: 40])
    #expect(thin.trafficByteCount == 8 * 256 * 256 + 4)
    #expect(
      roofline.limitGigaFLOPs(of: thin) == 40 * (Double(2 * 256 * 256) / Double(8 * 256 * 256 + 4)))
    #expect(roofline.limitGigaFLOPs(of: thick) == 100)
  }
}
