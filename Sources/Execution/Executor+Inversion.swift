import Networks
import Schedules

extension Executor {
  /// Recovers an input of a node from its output.
  func invert(_ id: NodeID, _ site: Site) {
    let network = schedule.network
    let node = network.nodes[id]
    guard let operation = node.operation as? any InvertibleOperation,
      let recovered = operation.invertibleInput
    else { preconditionFailure("the schedule inverts \(node.name), which cannot be inverted") }
    let shapes = node.shapes(batchSize: schedule.batchSize)
    unsafe operation.invert(
      InversePass(
        engine: engine, shapes: shapes, output: value(id, site),
        otherInputs: node.inputs.indices.filter { $0 != recovered }.map {
          unsafe value(node.inputs[$0], site)
        },
        input: buffer(.value(node.inputs[recovered])).floats,
        residuals: operation.ownResiduals(shapes).indices.map {
          unsafe UnsafeRawPointer(buffer(.residual(id, $0)).raw)
        },
        parameters: parameters(of: id, site), scratch: site.scratch))
  }

  /// Requires that all inputs that the schedule recovers can be recovered.
  func checkInversions(_ store: ParameterStore) throws(StepError) {
    for schedule in step.schedules {
      for deed in schedule.actions.lazy.flatMap(\.deeds) {
        guard case .invert(let id) = deed else { continue }
        try checkInversion(of: id, schedule, store)
      }
    }
  }

  private func checkInversion(
    of id: NodeID, _ schedule: Schedule, _ store: ParameterStore
  ) throws(StepError) {
    let node = schedule.network.nodes[id]
    var parameters = unsafe [UnsafePointer<Float>]()
    for reference in schedule.network.parameterTable.parametersOfNode[id] {
      guard case .stored(let index) = reference else {
        throw .notInvertible(
          layer: node.name,
          reason: "its parameters are derived anew, so that they cannot be checked")
      }
      unsafe parameters.append(UnsafePointer(store.pointer(index)))
    }
    let obstacle = unsafe (node.operation as? any InvertibleOperation)?.inversionObstacle(
      node.shapes(batchSize: schedule.batchSize), parameters: parameters)
    if let obstacle { throw .notInvertible(layer: node.name, reason: obstacle) }
  }
}
