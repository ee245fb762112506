import Execution
import Networks
import Planning
import Schedules

extension Trainer {
  /// Measures what variance the sketch of each value causes, for a budget to be shared out anew.
  ///
  /// The gradients of the samples in `batch` are computed twice with other random numbers. Both
  /// estimates err independently, so that half the square of their difference is the variance of each:
  /// the exact gradient is not needed, nor more memory than for a copy of the gradients. Nothing is
  /// trained. Between epochs:
  ///
  ///     strategy = strategy.replanned(from: try trainer.measuredSketchVariances())
  ///     try trainer.follow(strategy)
  ///
  /// - Parameter pairCount: How often that is done, and the mean taken: each pair takes two backward and
  ///   forward passes; at least once.
  /// - Returns: V of each sketched value, as `Strategy.replanned(from:)` takes it; empty under a
  ///   strategy without sketches.
  /// - Throws: `StepError` if the gradients cannot be computed.
  public func measuredSketchVariances(
    pairCount: Int = 1
  ) throws(StepError) -> [NodeID: Double] {
    precondition(pairCount >= 1, "there must be a pair of estimates")
    guard !sketchedParameters.isEmpty else { return [:] }
    var variances: [NodeID: Double] = [:]
    for pair in 0..<pairCount {
      for (value, variance) in try variancesOfPair(pair) {
        variances[value, default: 0] += variance / Double(pairCount)
      }
    }
    return schedule.sketchVariances(from: variances)
  }

  /// Half the squares of the differences of two estimates, by the value that they are made from.
  private func variancesOfPair(_ pair: Int) throws(StepError) -> [NodeID: Double] {
    let parameters = sketchedParameters
    _ = try computeGradients(drawing: UInt64(2 * pair + 1))
    let first = parameters.map { unsafe Array(store.gradient($0.index)) }
    _ = try computeGradients(drawing: UInt64(2 * pair + 2))
    var variances: [NodeID: Double] = [:]
    for (parameter, gradient) in zip(parameters, first) {
      let other = unsafe store.gradient(parameter.index)
      var square = 0.0
      for element in gradient.indices {
        let difference = unsafe Double(gradient[element]) - Double(other[element])
        square += difference * difference
      }
      variances[parameter.value, default: 0] += square / 2
    }
    return variances
  }

  /// What the first run does: all have the same representations.
  private var schedule: Schedule { trainingStep.firstSchedule }

  /// The weights whose gradient is estimated, and the value whose sketch it is estimated from.
  private var sketchedParameters: [(index: Int, value: NodeID)] {
    store.parameters.enumerated().compactMap { index, parameter in
      let node = network.nodes[parameter.node]
      guard parameter.description.layout == .convolution,
        schedule.representations[node.id].first?.kind == .sketch
      else { return nil }
      return (index, node.inputs[0])
    }
  }
}
