/// Builds a network node by node; layers and whole blocks add themselves through it.
public struct GraphBuilder: Sendable {
  private let networkName: String
  private var nodes: [Node] = []
  private var names: Set<String> = []
  /// For a node that names the parameters of an earlier one, that node.
  private var owners: [NodeID: NodeID] = [:]
  private var prefix = ""
  private var kindCounts: [String: Int] = [:]

  /// Starts a network with its input.
  ///
  /// - Throws: `NetworkError` if the input's shape is not one that can be handled.
  public init(name: String, input: Shape) throws(NetworkError) {
    networkName = name
    guard input.isValid else {
      throw NetworkError(
        layer: name,
        reason: "the input's shape \(input) must have at most three spatial axes, positive "
          + "extents and at most \(Shape.largestElementCount) elements")
    }
    nodes.append(
      Node(
        id: Network.input, name: "input", operation: Input(shape: input), inputs: [],
        inputShapes: [], outputShape: input))
    names.insert("input")
  }

  /// The shape of a value.
  public func shape(of node: NodeID) -> Shape { nodes[node].outputShape }

  /// Adds a node and returns its number.
  ///
  /// - Parameters:
  ///   - operation: What the node does.
  ///   - inputs: The nodes whose values it reads.
  ///   - name: Its name within the enclosing groups; numbered after its kind if nil.
  /// - Returns: The node's number.
  /// - Throws: `NetworkError` that names the layer, if its inputs do not fit or its name is taken.
  @discardableResult
  public mutating func add(
    _ operation: any NetworkOperation, inputs: [NodeID], name: String? = nil
  ) throws(NetworkError) -> NodeID {
    let fullName = prefix + (name ?? numberedName(of: operation.kind))
    guard names.insert(fullName).inserted else {
      throw NetworkError(layer: fullName, reason: "another layer already has this name")
    }
    let inputShapes = inputs.map { nodes[$0].outputShape }
    let outputShape: Shape
    do {
      outputShape = try operation.outputShape(for: inputShapes)
    } catch {
      throw NetworkError(layer: fullName, reason: error.reason)
    }
    guard operation.isLoss || outputShape.isValid else {
      throw NetworkError(
        layer: fullName,
        reason: "its output of shape \(outputShape) would be empty or have more than "
          + "\(Shape.largestElementCount) elements")
    }
    let id = nodes.count
    nodes.append(
      Node(
        id: id, name: fullName, operation: operation, inputs: inputs, inputShapes: inputShapes,
        outputShape: outputShape))
    return id
  }

  /// Adds what `body` adds, under names that begin with `name` and a dot.
  public mutating func group<Failure: Error, Result>(
    _ name: String, _ body: (inout GraphBuilder) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outerPrefix = prefix
    prefix += "\(name)."
    defer { prefix = outerPrefix }
    return try body(&self)
  }

  /// The finished network.
  ///
  /// - Throws: `NetworkError` if it does not end with its only loss, or if a value is never read.
  public consuming func network() throws(NetworkError) -> Network {
    guard let last = nodes.last, last.operation.isLoss,
      nodes.filter(\.operation.isLoss).count == 1
    else {
      throw NetworkError(
        layer: networkName,
        reason: "a network ends with its only loss, such as "
          + "SoftmaxCrossEntropy()")
    }
    let network = Network(
      name: networkName, nodes: nodes, parameterTable: ParameterTable(nodes, owners: owners))
    for node in nodes.dropLast() where network.readers[node.id].isEmpty {
      throw NetworkError(layer: node.name, reason: "no other layer reads its output")
    }
    guard network.requiresGradient[network.loss] else {
      throw NetworkError(layer: networkName, reason: "a network needs at least one parameter")
    }
    return network
  }

  private mutating func numberedName(of kind: String) -> String {
    let count = kindCounts[prefix + kind, default: 0] + 1
    kindCounts[prefix + kind] = count
    return "\(kind)\(count)"
  }
}
