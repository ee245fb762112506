import Kernels
import MemoryLedger
import Networks
import Testing

@testable import Planning
@testable import Schedules

/// Forecasts that follow from what was measured give back what was measured.
@Suite struct MeasuredForecastTests {
  private let rates = MachineRates.assumed(threadCount: 2)

  /// Seconds that tell every action from every other.
  private func seconds(_ step: Step) -> [Double] {
    (0..<step.actions.count).map { Double($0 * $0 + 1) * 1e-3 }
  }

  @Test(arguments: [Model.resnet8, .vgg8, .unet3dSmall])
  func timingsForecastWhatTheyCameFrom(model: Model) throws {
    let network = try model.usual()
    func full(_ batchSize: Int) throws -> Step {
      try Step.training(network, strategy: .full, batchSize: batchSize, threadCount: 2)
    }
    let measured = try full(4)
    let timings = PassTimings(
      measured, actionSeconds: seconds(measured), rates: rates, codec: [:])
    #expect(timings.sampleCount == 4)
    // Giving memory back and packing masks are not passes.
    let passes = zip(measured.actions, seconds(measured)).filter { action, _ in
      switch action.deeds.first {
      case .forward, .backward: true
      default: false
      }
    }
    let whole = passes.reduce(0) { $0 + $1.1 }
    for batchSize in [4, 12] {
      let costs = StepCosts(network, batchSize: batchSize, rates: rates, timings: timings)
      let forecast = try full(batchSize).actions.filter {
        if case .encode = $0.deeds.first { false } else { true }
      }.reduce(0) { $0 + costs.seconds(of: $1) }
      let wanted = whole * Double(batchSize) / 4
      #expect(abs(forecast - wanted) < 1e-9 * wanted)
    }
  }

  /// Writing and rebuilding values in few bits cost what they took for one number.
  @Test func codecsCostWhatTheyTook() throws {
    let network = try Model.resnet8.usual()
    let full = try Step.training(network, strategy: .full, batchSize: 2, threadCount: 2)
    let timings = PassTimings(
      full, actionSeconds: seconds(full), rates: rates,
      codec: [.four: (encoding: 3, decoding: 5)])
    let costs = StepCosts(network, batchSize: 2, rates: rates, timings: timings)
    let quantized = try Step.training(
      network, strategy: Strategy(parsing: "quantize:4"), batchSize: 2, threadCount: 2)
    var counts = (encode: 0.0, decode: 0.0)
    var codec = 0.0
    for action in quantized.actions {
      switch action.deeds.first {
      case .encode(let node, .quantized):
        counts.encode += Double(2 * network.nodes[node].outputShape.elementCount)
      case .decode(let node, _):
        counts.decode += Double(2 * network.nodes[node].outputShape.elementCount)
      default: continue
      }
      codec += costs.seconds(of: action)
    }
    #expect(counts.encode > 0 && counts.encode <= counts.decode)
    #expect(abs(codec - 3 * counts.encode - 5 * counts.decode) < 1e-9 * codec)
  }

  /// Errors of trials are what is expected of the same steps again.
  @Test(arguments: [Model.vgg8, .resnet8])
  func sensitivityForecastsTheErrorsThatItCameFrom(model: Model) throws {
    let network = try model.usual()
    func trial(_ schedule: Schedule) -> GradientSensitivity.Trial {
      // Every layer errs by another amount; what reads nothing inexact does not err.
      let inexact = network.inexactValues(in: schedule.representations)
      return GradientSensitivity.Trial(
        schedule,
        squaredErrors: network.nodes.map { node in
          inexact.contains { network.inexactReaders[$0.value].contains(node.id) }
            ? Double(node.id) * 1e-3 : 0
        })
    }
    let direct = trial(
      .quantizing(network, normalizations: false, batchSize: 8, threadCount: 1))
    let all = trial(.quantizing(network, normalizations: true, batchSize: 8, threadCount: 1))
    let sketched = trial(
      try Step.training(
        network, strategy: Strategy(parsing: "trace:8"), batchSize: 8, threadCount: 1
      ).firstSchedule)
    let sensitivity = GradientSensitivity(network, direct: direct, all: all, sketched: sketched)
    let expected = ExpectedError(network, sensitivity: sensitivity)
    for trial in [direct, all, sketched] {
      let squared = expected.relative(of: trial.schedule.representations)
      #expect(trial.squaredError > 0)
      #expect(abs(squared * squared - trial.squaredError) < 1e-9 * trial.squaredError)
    }
    // Four times the batch and half the squared error: the square root of the batch.
    let larger = ExpectedError(
      network, sensitivity: sensitivity.extrapolated(errorRatio: 2, ratio: 4, to: 16))
    let wanted = all.squaredError / 4
    let found = larger.relative(of: all.schedule.representations)
    #expect(abs(found * found - wanted) < 1e-9 * wanted)
    // Errors never grow with the batch.
    let same = ExpectedError(
      network, sensitivity: sensitivity.extrapolated(errorRatio: 0.5, ratio: 4, to: 16))
    #expect(
      same.relative(of: all.schedule.representations)
        == expected.relative(of: all.schedule.representations))
  }
}
