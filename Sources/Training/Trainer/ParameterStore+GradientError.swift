import Execution
import Networks

extension ParameterStore {
  /// ‖ĝ − g‖₂ / ‖g‖₂ over all parameter gradients, ĝ being this store's; 0 if they are the same.
  ///
  /// Allocates nothing; sums are 64 bits wide. `exact` holds the gradients g of the same network.
  package func gradientRelativeError(to exact: ParameterStore) -> Double {
    precondition(parameters == exact.parameters, "the stores hold different parameters")
    var difference = 0.0
    var norm = 0.0
    for index in parameters.indices {
      let estimate = unsafe gradient(index)
      let reference = unsafe exact.gradient(index)
      for element in 0..<estimate.count {
        let value = unsafe Double(reference[element])
        let error = unsafe Double(estimate[element]) - value
        difference += error * error
        norm += value * value
      }
    }
    return difference == 0 ? 0 : (difference / norm).squareRoot()
  }

  /// For every node, ‖ĝ − g‖² of its parameters' gradients over ‖g‖² of all, ĝ being this store's.
  package func squaredGradientErrors(to exact: ParameterStore) -> [Double] {
    precondition(parameters == exact.parameters, "the stores hold different parameters")
    var errors = [Double](repeating: 0, count: network.nodes.count)
    var norm = 0.0
    for (index, parameter) in parameters.enumerated() {
      let estimate = unsafe gradient(index)
      let reference = unsafe exact.gradient(index)
      for element in 0..<estimate.count {
        let value = unsafe Double(reference[element])
        let error = unsafe Double(estimate[element]) - value
        errors[parameter.node] += error * error
        norm += value * value
      }
    }
    return errors.map { $0 == 0 ? 0 : $0 / norm }
  }
}
