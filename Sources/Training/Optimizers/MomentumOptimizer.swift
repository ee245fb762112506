import Execution
import Kernels
import MemoryLedger
import Networks

/// Stochastic gradient descent with momentum, in PyTorch's convention.
///
/// v ← momentum·v + g + weightDecay·w, then w ← w − learningRate·v; v starts at 0.
public final class MomentumOptimizer {
  /// The settings of stochastic gradient descent.
  public struct Settings: Hashable, Sendable {
    /// The step along the velocity.
    public var learningRate: Float
    /// The share of the velocity that a step keeps.
    public var momentum: Float
    /// The share of a parameter that is added to its gradient.
    public var weightDecay: Float

    /// Creates settings.
    public init(learningRate: Float = 0.05, momentum: Float = 0.9, weightDecay: Float = 0) {
      self.learningRate = learningRate
      self.momentum = momentum
      self.weightDecay = weightDecay
    }
  }

  /// How many numbers are kept for each parameter: its velocity.
  public static let stateCount = 1

  /// The settings; they may change between steps.
  public var settings: Settings

  private let velocities: [FloatStorage]

  /// Takes memory for the velocities of all parameters, in category `optimizerState`.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  public init(
    network: Network, ledger: Ledger, settings: Settings
  ) throws(MemoryBudgetExceeded) {
    self.settings = settings
    var velocities: [FloatStorage] = []
    for parameter in network.parameters {
      velocities.append(
        try FloatStorage(
          ledger, count: parameter.description.elementCount, category: .optimizerState,
          owner: MemoryOwner(index: parameter.node)))
    }
    self.velocities = velocities
  }

  /// Moves all parameters along their gradients; allocates nothing and cannot fail.
  public func update(_ store: ParameterStore, engine: Engine) {
    for (index, velocity) in velocities.enumerated() {
      let values = unsafe store.value(index)
      guard let value = values.baseAddress,
        let gradient = unsafe store.gradient(index).baseAddress
      else { continue }
      unsafe engine.momentumStep(
        parameters: value, gradients: gradient, velocity: velocity.pointer, count: values.count,
        learningRate: settings.learningRate, momentum: settings.momentum,
        weightDecay: settings.weightDecay)
    }
  }
}
