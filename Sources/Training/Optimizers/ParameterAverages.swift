import Execution
import Kernels
import MemoryLedger
import Networks

/// The moving averages of a network's trained parameters and running statistics, in category
/// `optimizerState`.
///
/// They begin as what parameters and statistics are before the first step.
final class ParameterAverages {
  private let average: WeightAverage
  /// None for frozen parameters, which are their own averages.
  private let parameters: [FloatBuffer?]
  private let statistics: [FloatBuffer]

  /// Takes memory for the averages.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  init(
    _ average: WeightAverage, of network: Network, ledger: Ledger
  ) throws(MemoryBudgetExceeded) {
    func buffer(_ entry: NodeParameter) throws(MemoryBudgetExceeded) -> FloatBuffer {
      try FloatBuffer(
        ledger, count: entry.description.elementCount, category: .optimizerState,
        owner: MemoryOwner(index: entry.node))
    }
    self.average = average
    var parameters: [FloatBuffer?] = []
    for entry in network.parameters {
      parameters.append(entry.isTrained ? try buffer(entry) : nil)
    }
    var statistics: [FloatBuffer] = []
    for entry in network.runningStatistics { statistics.append(try buffer(entry)) }
    self.parameters = parameters
    self.statistics = statistics
  }

  /// Begins with what is in the store.
  func start(from store: ParameterStore) {
    unsafe forEachPair(with: store) { average, values in
      _ = unsafe average.values.update(fromContentsOf: values)
    }
  }

  /// Moves the averages towards what is in the store; allocates nothing.
  ///
  /// - Parameters:
  ///   - store: The parameters and statistics.
  ///   - engine: Runs the kernels.
  ///   - step: The number of the step that has been made, from 1.
  func update(from store: ParameterStore, engine: Engine, step: Int) {
    let decay = average.decay(ofStep: step)
    unsafe forEachPair(with: store) { average, values in
      guard let values = values.baseAddress else { return }
      unsafe engine.moveAverage(
        average.pointer, towards: values, count: average.count, decay: decay)
    }
  }

  /// Puts the averages into the store and what was there into the averages.
  func exchange(with store: ParameterStore) {
    unsafe forEachPair(with: store) { average, values in
      let own = unsafe average.values
      for index in own.indices { unsafe swap(&own[index], &values[index]) }
    }
  }

  /// The average of a parameter, by its index in network order; nil for a frozen one.
  func parameter(_ index: Int) -> UnsafeMutableBufferPointer<Float>? {
    unsafe parameters[index]?.values
  }

  /// The average of a running statistic, by its index in network order.
  func statistic(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    unsafe statistics[index].values
  }

  /// Calls `body` with each average and what it is the average of.
  private func forEachPair(
    with store: ParameterStore,
    _ body: (_ average: FloatBuffer, _ values: UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    for (index, average) in parameters.enumerated() {
      if let average { unsafe body(average, store.value(index)) }
    }
    for (index, average) in statistics.enumerated() { unsafe body(average, store.statistic(index)) }
  }
}
