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
  private let buffers: [TensorBuffer?]

  /// Takes memory for as many gradients as a store has.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the ledger's limits do not allow it.
  init(of store: ParameterStore, ledger: Ledger) throws(MemoryBudgetExceeded) {
    var buffers: [TensorBuffer?] = []
    for parameter in store.parameters {
      buffers.append(
        parameter.isTrained
          ? try TensorBuffer(
            ledger, byteCount: parameter.description.byteCount, category: .parameterGradients,
            owner: MemoryOwner(index: parameter.node)) : nil)
    }
    self.store = store
    self.buffers = buffers
  }

  /// The gradient of a stored parameter; nil for a frozen one.
  func pointer(_ index: Int) -> UnsafeMutablePointer<Float>? { unsafe buffers[index]?.floats }

  /// Adds them to those of the store.
  func add(_ engine: Engine) {
    for (index, buffer) in buffers.enumerated() {
      let sum = unsafe store.gradient(index)
      guard let buffer, let start = sum.baseAddress else { continue }
      unsafe engine.accumulate(UnsafePointer(buffer.floats), into: start, count: sum.count)
    }
  }
}
