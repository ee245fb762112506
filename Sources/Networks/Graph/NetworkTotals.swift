/// What grows with every node of a network, kept where numbers, bytes and operations can be counted.
///
/// This is the one place that checks sizes when a node is added; `Network.requireCountable` is that
/// for a batch.
struct NetworkTotals: Sendable {
  /// The most parameters and running statistics: far above any network, and low enough that no sum
  /// of their bytes overflows.
  static let mostParameters = 1 << 40
  /// The most arithmetic of a sample's forward pass, for the same reason.
  static let mostFLOPs = 1 << 60

  private var parameterCount = 0
  private var forwardFLOPs = 0

  /// Adds what a node takes.
  ///
  /// - Parameters:
  ///   - operation: What the node does.
  ///   - inputs: The shapes that it reads; it accepted them.
  ///   - output: The shape that it yields.
  /// - Throws: `ShapeError` if the network has become too large to be counted.
  mutating func add(
    _ operation: any NetworkOperation, inputs: [Shape], output: Shape
  ) throws(ShapeError) {
    try add(
      parameters: operation.parameters(for: inputs) + operation.runningStatistics(for: inputs))
    let shapes = NodeShapes(inputs: inputs, output: output, batchSize: 1)
    forwardFLOPs = saturatingSum(forwardFLOPs, operation.forwardFLOPs(shapes))
    guard forwardFLOPs <= Self.mostFLOPs else {
      throw ShapeError("with it a sample would take more than 2^60 operations")
    }
  }

  /// Adds parameters and running statistics.
  ///
  /// - Throws: `ShapeError` if the network has too many to be counted.
  mutating func add(parameters entries: [ParameterDescription]) throws(ShapeError) {
    for entry in entries {
      parameterCount = saturatingSum(parameterCount, saturatingProduct(entry.shape))
      guard parameterCount <= Self.mostParameters else {
        throw ShapeError(
          "with its \(entry.name) of shape "
            + entry.shape.map(String.init).joined(separator: "x")
            + " the network would have more than \(Self.mostParameters) parameters")
      }
    }
  }
}
