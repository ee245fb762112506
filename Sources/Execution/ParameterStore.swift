import Kernels
import MemoryLedger
import Networks

/// The memory of a network's parameters, their gradients and its running statistics.
///
/// Running statistics exist twice: a step writes new ones beside those in force, and they change
/// places only when the step has succeeded.
public final class ParameterStore {
  /// The network whose parameters these are.
  public let network: Network
  /// The parameters, in network order.
  public let parameters: [NodeParameter]
  /// The running statistics, in network order.
  public let runningStatistics: [NodeParameter]

  private let values: [TensorBuffer]
  /// None for frozen parameters.
  private let gradients: [TensorBuffer?]
  private var statistics: [TensorBuffer]
  private var newStatistics: [TensorBuffer]

  /// Takes memory for all parameters and fills it with starting values.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - ledger: The ledger that the memory is taken from.
  ///   - seed: The seed of random starting values.
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  public init(network: Network, ledger: Ledger, seed: UInt64) throws(MemoryBudgetExceeded) {
    func allocate(
      _ entry: NodeParameter, _ category: MemoryCategory
    ) throws(MemoryBudgetExceeded) -> TensorBuffer {
      try TensorBuffer(
        ledger, byteCount: entry.description.byteCount, category: category,
        owner: MemoryOwner(index: entry.node))
    }
    self.network = network
    parameters = network.parameters
    runningStatistics = network.runningStatistics
    func allocateAll(
      _ entries: [NodeParameter], _ category: MemoryCategory
    ) throws(MemoryBudgetExceeded) -> [TensorBuffer] {
      var buffers: [TensorBuffer] = []
      for entry in entries { buffers.append(try allocate(entry, category)) }
      return buffers
    }
    values = try allocateAll(parameters, .parameters)
    var gradients: [TensorBuffer?] = []
    for parameter in parameters {
      gradients.append(parameter.isTrained ? try allocate(parameter, .parameterGradients) : nil)
    }
    self.gradients = gradients
    statistics = try allocateAll(runningStatistics, .parameters)
    newStatistics = try allocateAll(runningStatistics, .parameters)
    initialize(seed: seed)
  }

  private func initialize(seed: UInt64) {
    for (index, parameter) in parameters.enumerated() {
      unsafe parameter.description.fill(
        values[index].floats, seed: RandomStream.word(seed, index))
      unsafe gradients[index]?.floats.initialize(
        repeating: 0, count: parameter.description.elementCount)
    }
    for (index, statistic) in runningStatistics.enumerated() {
      unsafe statistic.description.fill(statistics[index].floats, seed: 0)
      unsafe statistic.description.fill(newStatistics[index].floats, seed: 0)
    }
  }
}

// MARK: - Access

extension ParameterStore {
  /// The values of a parameter, by its index in `parameters`.
  public func value(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    unsafe UnsafeMutableBufferPointer(
      start: values[index].floats, count: parameters[index].description.elementCount)
  }

  /// The gradient of a parameter, by its index in `parameters`; empty for a frozen one.
  public func gradient(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    unsafe UnsafeMutableBufferPointer(
      start: gradients[index]?.floats,
      count: parameters[index].isTrained ? parameters[index].description.elementCount : 0)
  }

  /// A running statistic in force, by its index in `runningStatistics`.
  public func statistic(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    unsafe UnsafeMutableBufferPointer(
      start: statistics[index].floats, count: runningStatistics[index].description.elementCount)
  }

  /// Puts the running statistics of the step that has just succeeded into force.
  public func commitStatistics() {
    swap(&statistics, &newStatistics)
  }

  func pointer(_ index: Int) -> UnsafeMutablePointer<Float> { unsafe values[index].floats }

  func gradientPointer(_ index: Int) -> UnsafeMutablePointer<Float>? {
    unsafe gradients[index]?.floats
  }

  func statistics(of node: NodeID) -> [UnsafePointer<Float>] {
    unsafe network.parameterTable.statisticsOfNode[node].map {
      unsafe UnsafePointer(statistics[$0].floats)
    }
  }

  func newStatistics(of node: NodeID) -> [UnsafeMutablePointer<Float>] {
    unsafe network.parameterTable.statisticsOfNode[node].map {
      unsafe newStatistics[$0].floats
    }
  }
}
