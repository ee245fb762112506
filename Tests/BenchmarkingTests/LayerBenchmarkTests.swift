import Benchmarking
import Calibration
import Kernels
import NativeEngine
import Networks
import Planning
import Reporting
import Schedules
import Testing

@Suite(.serialized) struct LayerBenchmarkTests {
  private static func timings(threadCount: Int = 1) throws -> [LayerTiming] {
    let layers = try ["2,16,12,12,32,3,3,1,1,1,1", "2,8,9,9,8,3,3,2,1,1,8"].map {
      try BenchmarkLayer(parsing: $0)
    }
    var visits: [Int] = []
    let benchmark = LayerBenchmark(
      layers, directions: ConvolutionDirection.allCases,
      engine: Engine(threadCount: threadCount, instructionSet: .widest), seconds: 0.01, seed: 1)
    let timings = benchmark.run { visits.append($0) }
    #expect(visits == Array(1...benchmark.visitCount))
    return timings
  }

  @Test func everyDirectionOfEveryLayerIsTimed() throws {
    let timings = try Self.timings(threadCount: 2)
    let directions = ConvolutionDirection.allCases
    #expect(timings.map(\.direction) == directions + directions)
    for timing in timings {
      #expect(timing.samples.count >= 5)
      #expect(timing.gigaFLOPs > 0)
      #expect(timing.medianSeconds > 0)
      #expect(timing.medianProcessorSeconds > 0)
      #expect(timing.threadCount == 2)
      // These layers fit the caches and compute too much for memory to be the limit, so that no
      // pass can be faster than arithmetic in registers; the rest allows for changing clock rates.
      #expect(timing.limitFraction > 0 && timing.limitFraction < 1.2)
      #expect(
        timing.scratchByteCount
          == timing.layer.geometry.scratchByteCount(timing.direction, threadCount: 2))
    }
  }

  @Test func reportsBeginWithTheAgreedColumns() throws {
    let timings = try Self.timings()
    let csv = BenchmarkReport.csv(timings)
    #expect(
      csv.text.hasPrefix(
        "layer,direction,batch_size,threads,instruction_set,gflops,limit_fraction,scratch_bytes,"))
    #expect(csv.rows.count == 6)
    let row = csv.rows[1]
    #expect(row[0] == .text("2,16,12,12,32,3,3,1,1,1,1"))
    #expect(row[1] == .text("data"))
    #expect(row[2] == .integer(2))
    #expect(row[3] == .integer(1))
    #expect(row[4] == .text(InstructionSet.widest.rawValue))
    #expect(row[5] == .number(timings[1].gigaFLOPs))
    let operations = 2.0 * 2 * 144 * 9 * 16 * 32
    #expect(abs(timings[1].gigaFLOPs * timings[1].medianSeconds * 1e9 / operations - 1) < 1e-9)
    #expect(BenchmarkReport.table(timings).text.contains("2,16,12,12,32,3,3,1,1,1,1"))
    #expect(BenchmarkReport.limits(timings).contains("GFLOP/s in registers"))
  }

  @Test func stepsAreTimed() throws {
    let network = try Model.lenet.network(input: Shape(28, 28, channels: 1), classes: 10)
    let benchmark = try StepBenchmark(
      network, strategies: [Strategy(recomputation: .squareRoot), .full], batchSize: 4,
      engine: Engine(threadCount: 2, instructionSet: .widest), seconds: 0.01, seed: 0)
    #expect(benchmark.forecastByteCount > 0)
    let timings = try benchmark.run()
    #expect(timings.map(\.strategy) == ["full", "sqrt"])
    #expect(timings.allSatisfy { $0.samples.count >= 5 && $0.medianSeconds > 0 })
    #expect(timings[0].ratioToFull == 1 && timings[0].recomputedFLOPsFraction == 0)
    #expect(timings[1].ratioToFull > 0 && timings[1].recomputedFLOPsFraction > 0)
    let csv = StepReport.csv(timings)
    #expect(csv.text.hasPrefix("model,batch_size,threads,instruction_set,seconds_median,"))
    #expect(csv.rows.map { $0[7] } == [.text("full"), .text("sqrt")])
    #expect(StepReport.table(timings).text.contains("lenet"))
  }
}
