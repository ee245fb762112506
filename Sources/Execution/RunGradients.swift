import Kernels
import MemoryLedger
import Networks

/// The gradients that a run makes apart from those of the runs before it.
///
/// They are added when the run is complete, so that the sum over runs is the same to the bit whoever
/// made them: ((g₁ + g₂) + g₃).
struct RunGradients {
  private let store: ParameterStore
  /// The gradients, by the index of their parameter; none for frozen ones.
  private let storages: [Storage?]

  /// Takes memory for as many gradients as a store has.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  init(of store: ParameterStore, ledger: Ledger) throws(MemoryBudgetExceeded) {
    var storages: [Storage?] = []
    for parameter in store.parameters {
      storages.append(
        parameter.isTrained
          ? try Storage(
            ledger, byteCount: parameter.description.byteCount, category: .parameterGradients,
            owner: MemoryOwner(index: parameter.node)) : nil)
    }
    self.store = store
    self.storages = storages
  }

  /// The gradient of a stored parameter; nil for a frozen one.
  func pointer(_ index: Int) -> UnsafeMutablePointer<Float>? { unsafe storages[index]?.floats }

  /// Adds them to those of the store.
  func add(_ engine: Engine) {
    for (index, storage) in storages.enumerated() {
      let sum = unsafe store.gradient(index)
      guard let storage, let start = sum.baseAddress else { continue }
      unsafe engine.accumulate(UnsafePointer(storage.floats), into: start, count: sum.count)
    }
  }
}
