/// Where a network ends: the losses that it is trained on, and the values that it hands out.
///
/// A network may have several of either. One without a loss can be run, and be given a loss later.
public struct NetworkEnds: Hashable, Sendable {
  /// A loss of a network.
  public struct Loss: Hashable, Sendable {
    /// The node.
    public let node: NodeID
    /// What it counts for in the sum that is trained; above 0.
    public let weight: Float
  }

  /// The losses, in network order.
  public let losses: [Loss]
  /// The nodes whose values are handed out, in network order.
  public let outputs: [NodeID]

  /// Gathers the ends of a list of nodes.
  ///
  /// - Parameters:
  ///   - nodes: The nodes.
  ///   - weights: The weights of losses; 1 where there is none.
  ///   - outputs: The nodes whose values are handed out.
  init(_ nodes: [Node], weights: [NodeID: Float], outputs: Set<NodeID>) {
    losses = nodes.filter(\.operation.isLoss).map {
      Loss(node: $0.id, weight: weights[$0.id] ?? 1)
    }
    self.outputs = outputs.sorted()
  }

  /// For every node, whether some loss tells its value how to change.
  func learning(_ nodes: [Node]) -> [Bool] {
    var learns = [Bool](repeating: false, count: nodes.count)
    for loss in losses { learns[loss.node] = true }
    for node in nodes.reversed() where learns[node.id] {
      for (index, input) in node.inputs.enumerated()
      where node.operation.passesGradient(toInput: index) {
        learns[input] = true
      }
    }
    return learns
  }
}

extension Network {
  /// The losses, in network order; the weighted sum of them is trained.
  public var losses: [NetworkEnds.Loss] { ends.losses }

  /// The nodes whose values are handed out, in network order.
  public var outputs: [NodeID] { ends.outputs }

  /// The losses that compare scores with classes.
  public var classLosses: [NetworkEnds.Loss] {
    losses.filter { classes(of: $0.node) != nil }
  }

  /// The position in `losses` of the loss whose right predictions are those of the network: the last
  /// one that reads classes, or else the last, since others help it on the way; nil if there is none.
  public var mainLossIndex: Int? {
    losses.lastIndex { classes(of: $0.node) != nil } ?? losses.indices.last
  }

  /// The labels of one sample: one, or one for each pixel of a map of scores; 0 if no loss reads any.
  public var labelCount: Int {
    classLosses.first.flatMap { classes(of: $0.node)?.labelCount } ?? 0
  }

  /// The number of classes that all losses tell apart that read any; 0 if none does.
  public var classCount: Int {
    classLosses.compactMap { classes(of: $0.node)?.classCount }.min() ?? 0
  }

  /// The numbers of one sample that a loss compares its input with; 0 if it wants none.
  public func targetCount(of loss: NodeID) -> Int {
    guard case .values(let count) = targets(of: loss) else { return 0 }
    return count
  }

  /// The bytes of a batch's classes and of all numbers that losses compare their input with.
  public func targetByteCount(batchSize: Int) -> Int {
    let numbers = losses.reduce(0) { $0 + targetCount(of: $1.node) }
    return batchSize
      * (labelCount * MemoryLayout<Int32>.stride + numbers * MemoryLayout<Float>.stride)
  }

  /// What a loss compares its input with.
  public func targets(of loss: NodeID) -> LossTargets {
    nodes[loss].operation.lossTargets(for: nodes[loss].inputShapes)
  }

  private func classes(of loss: NodeID) -> (classCount: Int, labelCount: Int)? {
    guard case .classes(let classCount, let labelCount, _) = targets(of: loss) else { return nil }
    return (classCount, labelCount)
  }
}

extension Network {
  /// Requires that every loss has something to train, and that all read the same labels.
  func checkLosses() throws(NetworkError) {
    for loss in losses where !requiresGradient[loss.node] {
      throw NetworkError(
        layer: nodes[loss.node].name,
        reason: "no parameter lies before this loss; a network that is trained needs one")
    }
    guard let first = classLosses.first else { return }
    for loss in classLosses {
      guard let count = classes(of: loss.node)?.labelCount, count != labelCount else { continue }
      throw NetworkError(
        layer: nodes[loss.node].name,
        reason: "it reads \(count) labels a sample, and \(nodes[first.node].name) reads "
          + "\(labelCount); all losses of a network read the same labels")
    }
  }

  /// The same network with a further loss.
  ///
  /// - Parameters:
  ///   - loss: The loss; it reads one value.
  ///   - layer: The name of the layer whose value it reads; nil for the only output.
  ///   - weight: What it counts for in the sum that is trained.
  ///   - name: The name of the loss; numbered after its kind if nil.
  /// - Returns: The network. Nodes and parameters have the numbers and names that they had; all
  ///   parameters are trained.
  /// - Throws: `NetworkError` if there is no such layer, or the loss does not fit.
  public func adding(
    _ loss: some NetworkOperation, to layer: String? = nil, weight: Float = 1, name: String? = nil
  ) throws(NetworkError) -> Network {
    let value: NodeID
    if let layer {
      guard let node = nodes.first(where: { $0.name == layer }) else {
        throw NetworkError(layer: self.name, reason: "it has no layer called \(layer)")
      }
      value = node.id
    } else {
      guard outputs.count == 1 else {
        throw NetworkError(
          layer: self.name,
          reason: "it has \(outputs.count) outputs; say which layer's value the loss reads")
      }
      value = outputs[0]
    }
    var graph = GraphBuilder(self)
    let node = try graph.add(loss, inputs: [value], name: name)
    try graph.weigh(node, by: weight)
    return try graph.network()
  }
}
