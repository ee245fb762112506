extension Network {
  /// The stored parameters, trained and frozen, in network order.
  public var parameters: [NodeParameter] { parameterTable.parameters }

  /// The running statistics, in network order: updated by training, not trained.
  public var runningStatistics: [NodeParameter] { parameterTable.statistics }

  /// The number of parameters, trained and frozen.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + $1.description.elementCount }
  }

  /// The number of parameters that training changes.
  public var trainedParameterCount: Int {
    parameters.reduce(0) { $0 + ($1.isTrained ? $1.description.elementCount : 0) }
  }

  /// Whether a sample's result depends on the other samples of its batch, in training.
  public var mixesSamples: Bool { nodes.contains { $0.operation.mixesSamples } }

  /// The multiplications of values with weights in a forward pass for one sample, each with an addition.
  public var multiplyAccumulateCount: Int {
    nodes.reduce(0) {
      saturatingSum($0, $1.operation.multiplyAccumulateCount($1.shapes(batchSize: 1)))
    }
  }

  /// The arithmetic of a forward pass for one sample; a multiplication and an addition are two.
  public var forwardFLOPs: Int {
    nodes.reduce(0) { $0 + $1.operation.forwardFLOPs($1.shapes(batchSize: 1)) }
  }
}
