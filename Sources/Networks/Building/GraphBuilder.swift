/// Builds a network node by node; layers and whole blocks add themselves through it.
public struct GraphBuilder: Sendable {
  private let networkName: String
  private var nodes: [Node] = []
  private var names: [String: NodeID] = [:]
  private var lossWeights: [NodeID: Float] = [:]
  private var outputs: Set<NodeID> = []
  /// For a node that names the parameters of an earlier one, that node.
  private var owners: [NodeID: NodeID] = [:]
  private var transforms: [NodeID: [String: any ParameterTransform]] = [:]
  private var prefix = ""
  /// The beginnings of the names of nodes that name the parameters of earlier ones, and those of theirs.
  private var repetition: (own: String, original: String)?
  private var kindCounts: [String: Int] = [:]
  private var totals = NetworkTotals()

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

  /// Goes on with a finished network, to give it further layers, losses or outputs.
  ///
  /// All its parameters are trained again: freeze what is not to be when the new network is finished.
  public init(_ network: Network) {
    networkName = network.name
    nodes = network.nodes
    names = Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.id) })
    owners = network.parameterTable.owners
    transforms = network.parameterTable.transforms
    outputs = Set(network.outputs)
    for loss in network.losses { lossWeights[loss.node] = loss.weight }
  }

  /// The shape of a value.
  public func shape(of node: NodeID) -> Shape { nodes[node].outputShape }

  /// Hands a value out if nothing else becomes of it: what a list of layers ends with.
  mutating func markOutputIfUnread(_ node: NodeID) throws(NetworkError) {
    guard node != Network.input, !nodes[node].operation.isLoss,
      !nodes[node...].contains(where: { $0.inputs.contains(node) })
    else { return }
    try markOutput(node)
  }

  /// Adds a node and returns its number.
  ///
  /// - Parameters:
  ///   - operation: What the node does.
  ///   - inputs: The nodes whose values it reads.
  ///   - name: Its name within the enclosing groups; numbered after its kind if nil.
  /// - Returns: The node's number.
  /// - Throws: `NetworkError` that names the layer, if an input is no value, if the inputs do not fit,
  ///   if the name is taken, or empty or that of a group around it is, or if the network becomes too
  ///   large to be counted.
  @discardableResult
  public mutating func add(
    _ operation: any NetworkOperation, inputs: [NodeID], name: String? = nil
  ) throws(NetworkError) -> NodeID {
    let fullName = prefix + (name ?? numberedName(of: operation.kind))
    guard !fullName.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
      throw NetworkError(
        layer: networkName,
        reason: "layer \(nodes.count) would be called '\(fullName)'; names of layers and of groups "
          + "must not be empty")
    }
    guard names[fullName] == nil else {
      throw NetworkError(layer: fullName, reason: "another layer already has this name")
    }
    if let input = inputs.first(where: { !nodes.indices.contains($0) || nodes[$0].operation.isLoss }
    ) {
      throw NetworkError(
        layer: fullName,
        reason: nodes.indices.contains(input)
          ? "it reads '\(nodes[input].name)', a loss, which yields no value"
          : "it reads node \(input); the nodes before it are 0 to \(nodes.count - 1)")
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
    do {
      try totals.add(operation, inputs: inputShapes, output: outputShape)
    } catch {
      throw NetworkError(layer: fullName, reason: error.reason)
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

  /// Hands a value out: whoever runs the network can read it.
  ///
  /// - Throws: `NetworkError` if the node yields no value of its own.
  public mutating func markOutput(_ node: NodeID) throws(NetworkError) {
    guard node != Network.input, !nodes[node].operation.isLoss else {
      throw NetworkError(
        layer: nodes[node].name,
        reason:
          "it cannot be an output, since it is \(node == Network.input ? "the input" : "a loss")"
      )
    }
    outputs.insert(node)
  }

  /// Gives a loss a weight in the sum that is trained; without one it is 1.
  ///
  /// - Throws: `NetworkError` if the node is no loss, or the weight not above 0 and finite.
  public mutating func weigh(_ loss: NodeID, by weight: Float) throws(NetworkError) {
    guard nodes[loss].operation.isLoss else {
      throw NetworkError(layer: nodes[loss].name, reason: "only a loss has a weight")
    }
    guard weight > 0, weight.isFinite else {
      throw NetworkError(
        layer: nodes[loss].name,
        reason: "the weight \(weight) of the loss must be above 0 and finite")
    }
    lossWeights[loss] = weight
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
    guard nodes.indices.contains(node) else {
      throw NetworkError(
        layer: networkName,
        reason: "node \(node) cannot have a parameter derived; there are the nodes 0 to "
          + "\(nodes.count - 1)")
    }
    let owner = nodes[node]
    let own = owners[node] == nil ? owner.operation.parameters(for: owner.inputShapes) : []
    guard let description = own.first(where: { $0.name == parameter }) else {
      throw NetworkError(
        layer: owner.name, reason: "it has no parameter '\(parameter)' of its own to be derived")
    }
    do {
      try totals.add(parameters: try transform.sources(of: description))
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
  /// - Parameter pruning: Whether to leave out values that no loss and no output reads; if not, such a
  ///   value is an error, since it is usually a forgotten connection.
  /// - Returns: The network.
  /// - Throws: `NetworkError` if nothing ends it, a value is never read, a loss has no parameter to
  ///   train, or losses want different numbers of labels.
  public consuming func network(pruning: Bool = false) throws(NetworkError) -> Network {
    var ends = NetworkEnds(nodes, weights: lossWeights, outputs: outputs)
    guard !ends.losses.isEmpty || !ends.outputs.isEmpty else {
      throw NetworkError(
        layer: networkName,
        reason: "a network ends with a loss, such as SoftmaxCrossEntropy(), or hands out a value")
    }
    var owners = owners
    var transforms = transforms
    if pruning {
      let (kept, numbers) = nodes.keeping(ends.used(nodes))
      transforms = numbers.transforms(from: transforms, owners: owners)
      owners = numbers.owners(from: owners)
      nodes = kept
      ends = NetworkEnds(
        nodes,
        weights: Dictionary(
          uniqueKeysWithValues: lossWeights.compactMap { old, weight in
            numbers[old].map { ($0, weight) }
          }),
        outputs: Set(outputs.compactMap { numbers[$0] }))
    }
    let network = Network(
      name: networkName, nodes: nodes,
      parameterTable: ParameterTable(nodes, owners: owners, transforms: transforms), ends: ends)
    for node in nodes where network.readers[node.id].isEmpty {
      guard node.operation.isLoss || outputs.contains(node.id) || pruning else {
        throw NetworkError(layer: node.name, reason: "no other layer reads its output")
      }
    }
    try network.checkLosses()
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
    var count = kindCounts[prefix + kind, default: 0] + 1
    // A network that is gone on with has such names already.
    while names["\(prefix)\(kind)\(count)"] != nil { count += 1 }
    kindCounts[prefix + kind] = count
    return "\(kind)\(count)"
  }
}
