import KernelInterface
import Networks
import Schedules

/// How long the passes of a network took on a machine: what forecasts of seconds follow from, where
/// it was measured.
public struct PassTimings: Sendable {
  /// How many samples ran.
  public let sampleCount: Int
  /// The seconds of each node's forward pass for one sample.
  let forward: [Double]
  /// The seconds of each node's backward pass for one sample.
  let backward: [Double]
  /// The seconds of writing and of rebuilding one number of so many bits.
  private let codec: [Quantization.Bits: (encoding: Double, decoding: Double)]

  /// Takes the times from a step of full storage that ran.
  ///
  /// Of passes that were done in one, the one that `rates` says is the longest took all of the time,
  /// and the others are taken to last what `rates` says.
  ///
  /// - Parameters:
  ///   - step: A step of full storage, in one run.
  ///   - actionSeconds: For every action, how long it took.
  ///   - rates: The rates for passes that were not timed alone.
  ///   - codec: The seconds of writing and of rebuilding one number of so many bits.
  public init(
    _ step: Step, actionSeconds: [Double], rates: MachineRates,
    codec: [Quantization.Bits: (encoding: Double, decoding: Double)]
  ) {
    let costs = StepCosts(step.network, batchSize: step.batchSize, rates: rates)
    var forward = costs.forward
    var backward = costs.backward
    for (action, seconds) in zip(step.actions, actionSeconds) {
      let longest = action.deeds.max {
        costs.seconds(of: Action([$0])) < costs.seconds(of: Action([$1]))
      }
      switch longest {
      case .forward(let node): forward[node] = seconds
      case .backward(let node): backward[node] = seconds
      case .recompute, .encode, .decode, .invert, .derive, .propagate, .release, nil: break
      }
    }
    let count = Double(step.batchSize)
    sampleCount = step.batchSize
    self.forward = forward.map { $0 / count }
    self.backward = backward.map { $0 / count }
    self.codec = codec
  }

  /// The seconds of writing numbers in so many bits, or of rebuilding them; nil if not measured.
  func seconds(of bits: Quantization.Bits, decodes: Bool, count: Int) -> Double? {
    codec[bits].map { Double(count) * (decodes ? $0.decoding : $0.encoding) }
  }
}
