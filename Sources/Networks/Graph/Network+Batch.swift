extension Network {
  /// The most numbers that a batch of one value may have: what kernels can address with room.
  private static let mostElements = 1 << 48
  /// The most numbers of all values of a batch together, and the most arithmetic of its forward
  /// pass: low enough that no sum of bytes or operations overflows, whatever a step does twice.
  private static let mostElementsInAll = 1 << 54
  private static let mostFLOPs = 1 << 60

  /// Requires that the numbers, bytes and operations of a step of so many samples can be counted.
  ///
  /// - Parameter batchSize: The number of samples; at least 1.
  /// - Throws: `NetworkError` that names the layer at which they cannot.
  public func requireCountable(batchSize: Int) throws(NetworkError) {
    var elementCount = 0
    var flops = 0
    for node in nodes {
      let count = saturatingProduct(batchSize, node.outputShape.elementCount)
      elementCount = saturatingSum(elementCount, count)
      guard count < Self.mostElements, elementCount <= Self.mostElementsInAll else {
        throw NetworkError(
          layer: node.name,
          reason:
            "a batch of \(batchSize) is too large: its output of \(node.outputShape) a sample "
            + (count < Self.mostElements
              ? "is one value too many to be counted" : "would have 2^48 numbers or more"))
      }
      let work = node.operation.forwardFLOPs(node.shapes(batchSize: 1))
      flops = saturatingSum(flops, saturatingProduct(batchSize, work))
      guard flops <= Self.mostFLOPs else {
        throw NetworkError(
          layer: node.name,
          reason:
            "a batch of \(batchSize) is too large: with this layer its forward pass would take "
            + "more than 2^60 operations")
      }
    }
  }

  /// Whether every layer learns something from so many samples at once; at least 1.
  public func learns(fromBatchOf batchSize: Int) -> Bool {
    nodes.allSatisfy { $0.operation.trainingObstacle($0.shapes(batchSize: batchSize)) == nil }
  }

  /// Requires that every layer learns something from so many samples at once.
  ///
  /// - Parameter batchSize: The number of samples that run at once; at least 1.
  /// - Throws: `NetworkError` that names the layer that does not (`trainingObstacle`).
  public func requireTrainable(batchSize: Int) throws(NetworkError) {
    for node in nodes {
      guard let obstacle = node.operation.trainingObstacle(node.shapes(batchSize: batchSize))
      else { continue }
      throw NetworkError(layer: node.name, reason: obstacle)
    }
  }
}
