import Execution
import Glibc
import Kernels
import MemoryLedger
import Networks

/// Moves parameters along their gradients and keeps what its rule remembers from step to step.
public final class Optimizer {
  /// The rule and its numbers.
  public let settings: OptimizerSettings
  /// The length of the next step; it may change between steps.
  public var learningRate: Float

  /// For every parameter, what the rule remembers of it.
  private let states: [[FloatStorage]]

  /// Takes memory for what the rule remembers of all parameters, in category `optimizerState`.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  public init(
    network: Network, ledger: Ledger, settings: OptimizerSettings
  ) throws(MemoryBudgetExceeded) {
    self.settings = settings
    learningRate = settings.learningRate
    var states: [[FloatStorage]] = []
    for parameter in network.parameters {
      var storages: [FloatStorage] = []
      for _ in 0..<(parameter.isTrained ? settings.stateCount : 0) {
        storages.append(
          try FloatStorage(
            ledger, count: parameter.description.elementCount, category: .optimizerState,
            owner: MemoryOwner(index: parameter.node)))
      }
      states.append(storages)
    }
    self.states = states
  }

  /// Moves all parameters along their gradients; allocates nothing and cannot fail.
  ///
  /// - Parameters:
  ///   - store: The parameters and their gradients.
  ///   - engine: Runs the kernels.
  ///   - step: The number of this step, from 1.
  public func update(_ store: ParameterStore, engine: Engine, step: Int) {
    for (index, state) in states.enumerated() {
      let values = unsafe store.value(index)
      guard let value = values.baseAddress,
        let gradient = unsafe store.gradient(index).baseAddress
      else { continue }
      switch settings.rule {
      case .sgd(let momentum):
        unsafe engine.momentumStep(
          parameters: value, gradients: gradient, velocity: state[0].pointer, count: values.count,
          learningRate: learningRate, momentum: momentum, weightDecay: settings.weightDecay)
      case .adam(let firstDecay, let secondDecay, let epsilon):
        let factors = AdamFactors(
          learningRate: learningRate, firstDecay: firstDecay, secondDecay: secondDecay,
          firstBias: 1 - pow(firstDecay, Double(step)),
          secondBias: 1 - pow(secondDecay, Double(step)), epsilon: epsilon,
          weightDecay: settings.weightDecay)
        unsafe engine.adamStep(
          parameters: value, gradients: gradient, first: state[0].pointer,
          second: state[1].pointer, count: values.count, factors: factors)
      }
    }
  }

  /// What the rule remembers of a parameter, by its index in network order; there are as many
  /// states of each as `OptimizerSettings.stateCount`.
  func state(_ number: Int, of index: Int) -> UnsafeMutableBufferPointer<Float> {
    let storage = states[index][number]
    return unsafe UnsafeMutableBufferPointer(start: storage.pointer, count: storage.count)
  }
}
