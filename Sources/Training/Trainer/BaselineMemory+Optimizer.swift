import Networks
import Schedules

extension BaselineMemory {
  /// The memory of training with an optimiser: what its rule remembers and the averages that it keeps
  /// are counted.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples.
  ///   - optimizer: The optimiser's settings.
  public init(network: Network, batchSize: Int, optimizer: OptimizerSettings) {
    self.init(
      network: network, batchSize: batchSize, optimizerStateCount: optimizer.stateCount,
      keepsAverages: optimizer.average != nil)
  }
}
