import Networks
import OracleSupport

/// How the operations of a reference case are put together, its tensors by name.
struct OracleGraph {
  /// One operation of a case.
  struct Node {
    /// The tensor of the case that it computes, `loss` for a loss; any other name for a value between.
    let name: String
    let operation: any NetworkOperation
    /// What it reads, in its order: tensors of the case or earlier nodes, one of them perhaps twice.
    let inputs: [String]
    /// The tensors of its parameters, in its order.
    let parameters: [String]
    /// The tensors of its running statistics, in its order; what training makes of them is compared
    /// with the tensors of the same names without `_in`.
    let statistics: [String]
  }

  let nodes: [Node]

  /// A graph of several operations.
  init(_ nodes: [Node]) {
    self.nodes = nodes
  }

  /// One operation that computes `y`, or `loss`.
  init(
    _ operation: any NetworkOperation, inputs: [String] = ["x"], parameters: [String] = [],
    statistics: [String] = []
  ) {
    nodes = [
      Node(
        operation.isLoss ? "loss" : "y", operation, inputs: inputs, parameters: parameters,
        statistics: statistics)
    ]
  }
}

extension OracleGraph.Node {
  init(
    _ name: String, _ operation: any NetworkOperation, inputs: [String], parameters: [String] = [],
    statistics: [String] = []
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.parameters = parameters
    self.statistics = statistics
  }
}
