import Calibration
import Comparisons
import Kernels
import Networks

extension StepBenchmark {
  /// Times the weight gradients of convolutions and linear layers alone, inside steps of their own, a
  /// step of each strategy in turn.
  ///
  /// Every layer's is computed twice in such a step: once to be timed, once as part of the backward pass.
  ///
  /// - Returns: For each strategy, full storage first, the layers in the network's order, and then all
  ///   together; nothing for a network without such layers.
  /// - Throws: What `StrategyRun` throws.
  public func runWeightGradients() throws -> [WeightGradientTiming] {
    let watch = try WeightGradientWatch(network)
    guard !watch.layers.isEmpty else { return [] }
    let names = watch.layers.map(\.name) + [WeightGradientTiming.allLayers]
    let runs = try checkedRuns()
    var samples = runs.map { _ in names.map { _ in [ElapsedSeconds]() } }
    try roundsOfSteps { index in
      let layers = try watch.step(runs[index].trainer)
      for (row, own) in (layers + [layers.reduce(.zero, +)]).enumerated() {
        samples[index][row].append(own)
      }
    }
    return zip(runs, samples).flatMap { run, own in
      names.indices.map { row in
        WeightGradientTiming(
          model: network.name, strategy: "\(run.strategy)", layer: names[row],
          batchSize: batchSize, threadCount: engine.threadCount,
          instructionSet: engine.instructionSet, samples: own[row], fullSamples: samples[0][row])
      }
    }
  }
}
