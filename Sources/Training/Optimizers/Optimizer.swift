import Execution
import Kernels
import MemoryLedger
import Networks

/// Moves parameters along their gradients and keeps what its rule remembers from step to step.
public final class Optimizer {
  /// The rule and its numbers.
  public let settings: OptimizerSettings
  /// The length of the next step; it may change between steps.
  public var learningRate: Float

  private let rule: any UpdateRule
  /// For every parameter, what the rule remembers of it.
  private let states: [[FloatBuffer]]

  /// Takes memory for what the rule remembers of all parameters, in category `optimizerState`.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  public init(
    network: Network, ledger: Ledger, settings: OptimizerSettings
  ) throws(MemoryBudgetExceeded) {
    self.settings = settings
    learningRate = settings.learningRate
    rule = settings.rule.implementation
    var states: [[FloatBuffer]] = []
    for parameter in network.parameters {
      var buffers: [FloatBuffer] = []
      for start in parameter.isTrained ? rule.startingStates : [] {
        buffers.append(
          try FloatBuffer(
            ledger, count: parameter.description.elementCount, startingAt: start,
            category: .optimizerState, owner: MemoryOwner(index: parameter.node)))
      }
      states.append(buffers)
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
      rule.update(
        unsafe UpdateStep(
          engine: engine, parameters: value, gradients: gradient, states: state,
          count: values.count, learningRate: learningRate,
          weightDecay: settings.weightDecay.share(of: store.parameters[index].description),
          number: step))
    }
  }

  /// What the rule remembers of a parameter, by its index in network order; there are as many
  /// states of each as `OptimizerSettings.stateCount`.
  func state(_ number: Int, of index: Int) -> UnsafeMutableBufferPointer<Float> {
    unsafe states[index][number].values
  }
}
