/// Builds a network node by node; layers and whole blocks add themselves through it.
public struct GraphBuilder: Sendable {
  private let networkName: String
  private var nodes: [Node] = []
  private var names: [String: NodeID] = [:]
  /// For a node that names the parameters of an earlier one, that node.
  private var owners: [NodeID: NodeID] = [:]
  private var transforms: [NodeID: [String: any ParameterTransform]] = [:]
  private var prefix = ""
  /// The beginnings of the names of nodes that name the parameters of earlier ones, and those of theirs.
  private var repetition: (own: String, original: String)?
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
    names["input"] = Network.input
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
    guard names[fullName] == nil else {
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
    owners[id] = try owner(ofParametersOf: operation, inputShapes: inputShapes, named: fullName)
    names[fullName] = id
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

  /// Has a parameter of a node derived from stored ones instead of being stored.
  ///
  /// - Parameters:
  ///   - parameter: Its name within the node, such as `w`.
  ///   - node: The node.
  ///   - transform: How it is computed.
  /// - Throws: `NetworkError` if the node has no such parameter of its own, or if it cannot be derived.
  public mutating func derive(
    _ parameter: String, of node: NodeID, by transform: some ParameterTransform
  ) throws(NetworkError) {
    let owner = nodes[node]
    let own = owners[node] == nil ? owner.operation.parameters(for: owner.inputShapes) : []
    guard let description = own.first(where: { $0.name == parameter }) else {
      throw NetworkError(
        layer: owner.name, reason: "it has no parameter '\(parameter)' of its own to be derived")
    }
    do {
      _ = try transform.sources(of: description)
    } catch {
      throw NetworkError(layer: owner.name, reason: error.reason)
    }
    transforms[node, default: [:]][parameter] = transform
  }

  /// Adds what `body` adds once more, under names that begin with `name`, on the parameters that stand
  /// already under names that begin with `original`.
  ///
  /// The parameters and running statistics are stored once; their gradients are summed. A network whose
  /// branches compare two inputs is built like this (Siamese networks: Bromley and others 1993).
  ///
  /// - Throws: `NetworkError` if there is no layer of the same name behind `original`, or if its
  ///   parameters are not those of the new one; what `body` throws.
  public mutating func repeating<Result>(
    _ original: String, as name: String,
    _ body: (inout GraphBuilder) throws(NetworkError) -> Result
  ) throws(NetworkError) -> Result {
    let outer = repetition
    repetition = (prefix + "\(name).", prefix + "\(original).")
    defer { repetition = outer }
    return try group(name, body)
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
      name: networkName, nodes: nodes,
      parameterTable: ParameterTable(nodes, owners: owners, transforms: transforms))
    for node in nodes.dropLast() where network.readers[node.id].isEmpty {
      throw NetworkError(layer: node.name, reason: "no other layer reads its output")
    }
    guard network.requiresGradient[network.loss] else {
      throw NetworkError(layer: networkName, reason: "a network needs at least one parameter")
    }
    return network
  }

  /// The earlier node whose parameters a new one names, if any.
  private func owner(
    ofParametersOf operation: any NetworkOperation, inputShapes: [Shape], named name: String
  ) throws(NetworkError) -> NodeID? {
    let parameters = operation.parameters(for: inputShapes)
    let statistics = operation.runningStatistics(for: inputShapes)
    guard let repetition, !(parameters + statistics).isEmpty else { return nil }
    let original = repetition.original + name.dropFirst(repetition.own.count)
    guard let node = names[original].map({ nodes[$0] }) else {
      throw NetworkError(
        layer: name, reason: "it repeats '\(original)', and there is no such layer")
    }
    guard node.operation.parameters(for: node.inputShapes) == parameters,
      node.operation.runningStatistics(for: node.inputShapes) == statistics
    else {
      throw NetworkError(
        layer: name,
        reason: "it cannot have the parameters of '\(original)', which are of other names or shapes"
      )
    }
    return owners[node.id] ?? node.id
  }

  private mutating func numberedName(of kind: String) -> String {
    let count = kindCounts[prefix + kind, default: 0] + 1
    kindCounts[prefix + kind] = count
    return "\(kind)\(count)"
  }
}
