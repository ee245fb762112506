/// The number of a node in its network, which is also the number of the value that it produces.
public typealias NodeID = Int

/// One step of a network: it reads the values of earlier nodes and produces one value.
public struct Node: Sendable {
  /// The position in the network's topological order.
  public let id: NodeID
  /// The name, unique in the network, such as `block1.conv2`.
  public let name: String
  /// What the node does.
  public let operation: any NetworkOperation
  /// The nodes whose values it reads, in the operation's order.
  public let inputs: [NodeID]
  /// The shapes of the values that it reads.
  public let inputShapes: [Shape]
  /// The shape of the value that it produces.
  public let outputShape: Shape

  /// The shapes around this node for a batch.
  public func shapes(batchSize: Int) -> NodeShapes {
    NodeShapes(inputs: inputShapes, output: outputShape, batchSize: batchSize)
  }
}

/// The shapes around one node for a batch: what an operation needs to state its facts.
public struct NodeShapes: Hashable, Sendable {
  /// The shapes of the inputs, of one sample.
  public let inputs: [Shape]
  /// The shape of the output, of one sample.
  public let output: Shape
  /// The number of samples.
  public let batchSize: Int

  /// Creates the shapes around one node.
  public init(inputs: [Shape], output: Shape, batchSize: Int) {
    self.inputs = inputs
    self.output = output
    self.batchSize = batchSize
  }

  /// The number of floats in a batch of the output.
  public var outputElementCount: Int { batchSize * output.elementCount }

  /// The number of floats in a batch of the first input.
  public var inputElementCount: Int { batchSize * (inputs.first?.elementCount ?? 0) }
}
