import Networks
import Schedules

extension Executor {
  /// The values of a node's parameters, stored or derived.
  func parameters(of id: NodeID, _ site: Site) -> [UnsafePointer<Float>] {
    let table = schedule.network.parameterTable
    return unsafe table.parametersOfNode[id].map { reference in
      switch reference {
      case .stored(let index): unsafe UnsafePointer(site.store.pointer(index))
      case .derived(let index):
        unsafe UnsafePointer(buffer(.derived(table.derived[index].node, index)).floats)
      }
    }
  }

  /// Where the gradients of a node's parameters go; nil for what is frozen.
  func parameterGradients(of id: NodeID, _ site: Site) -> [UnsafeMutablePointer<Float>?] {
    let table = schedule.network.parameterTable
    return unsafe table.parametersOfNode[id].map { reference in
      switch reference {
      case .stored(let index): unsafe gradientPointer(index, site)
      case .derived(let index):
        unsafe table.isTrained(reference)
          ? buffer(.derivedGradient(table.derived[index].node, index)).floats : nil
      }
    }
  }

  /// Where the gradient of a stored parameter goes; nil for a frozen one.
  private func gradientPointer(_ index: Int, _ site: Site) -> UnsafeMutablePointer<Float>? {
    guard let gradients = unsafe site.gradients else {
      return unsafe site.store.gradientPointer(index)
    }
    return unsafe gradients.pointer(index)
  }

  /// Computes a derived parameter.
  func derive(_ index: Int, _ site: Site) {
    let entry = schedule.network.parameterTable.derived[index]
    unsafe entry.transform.derive(
      DerivationPass(
        engine: engine, parameter: entry.description,
        sources: entry.sources.map { unsafe UnsafePointer(site.store.pointer($0)) },
        value: buffer(.derived(entry.node, index)).floats, scratch: site.scratch))
  }

  /// Computes the gradients of what a parameter is derived from.
  func propagate(_ index: Int, _ site: Site) {
    let entry = schedule.network.parameterTable.derived[index]
    unsafe entry.transform.propagate(
      PropagationPass(
        engine: engine, parameter: entry.description,
        sources: entry.sources.map { unsafe UnsafePointer(site.store.pointer($0)) },
        gradient: UnsafePointer(buffer(.derivedGradient(entry.node, index)).floats),
        sourceGradients: entry.sources.map { unsafe gradientPointer($0, site) },
        scratch: site.scratch))
  }
}
