import Networks
import TestSupport

/// Makes networks that nobody would think of: branches, several readers of a value, inputs that a node
/// reads twice, concatenations, residual blocks within one another with the skip on either side, layers
/// on the parameters of others, weights that are derived.
struct RandomNetworks {
  private var numbers: TestRandom
  private var graph: GraphBuilder
  /// The values that there are, all of them maps of the same extent.
  private var values: [NodeID] = [Network.input]
  private var unread: Set<NodeID> = []
  private var pairCount = 0

  /// The network of a seed, with up to 26 nodes.
  static func network(seed: UInt64) throws -> Network {
    var networks = try RandomNetworks(seed: seed)
    return try networks.make()
  }

  private init(seed: UInt64) throws {
    numbers = TestRandom(seed: seed)
    graph = try GraphBuilder(name: "random\(seed)", input: Shape(5, 4, channels: 2))
  }

  private mutating func make() throws -> Network {
    for _ in 0..<Int.random(in: 4...14, using: &numbers) {
      try add(depth: 0, after: value())
    }
    // Everything that nobody has read comes together.
    let ends = unread.sorted()
    var last = ends.isEmpty ? values[values.count - 1] : ends[0]
    if ends.count > 1 { last = try graph.add(Concatenation(), inputs: ends) }
    last = try graph.add(GlobalAveragePooling(), inputs: [last])
    last = try graph.add(Linear(10), inputs: [last])
    try graph.add(SoftmaxCrossEntropy(), inputs: [last])
    return try graph.network()
  }

  /// A value, more often a late one.
  private mutating func value() -> NodeID {
    let (a, b) = (
      Int.random(in: values.indices, using: &numbers),
      Int.random(in: values.indices, using: &numbers)
    )
    return values[max(a, b)]
  }

  @discardableResult
  private mutating func add(depth: Int, after input: NodeID) throws -> NodeID {
    switch Int.random(in: 0..<13, using: &numbers) {
    case 0: return try derivingConvolution(after: input)
    case 1: return try pairOnTheSameParameters(after: input)
    case 2...3:
      let channels = Int.random(in: 1...5, using: &numbers)
      return Bool.random(using: &numbers)
        ? try node(Convolution(3, channels: channels, padding: 1, bias: false), input)
        : try node(Convolution(1, channels: channels), input)
    case 4: return try node(BatchNormalization(), input)
    case 5: return try node(ReLU(), input)
    case 6: return try node(ReLU(negativeSlope: 0.1), input)
    case 7: return try node(MaxPooling(3, stride: 1, padding: 1), input)
    case 8: return try node(AveragePooling(3, stride: 1, padding: 1), input)
    case 9:
      let shape = graph.shape(of: input)
      let equals = values.filter { graph.shape(of: $0) == shape }
      return try node(Add(), input, equals.randomElement(using: &numbers) ?? input)
    case 10:
      let others = (0..<Int.random(in: 1...4, using: &numbers)).map { _ in value() }
      guard others.reduce(0, { $0 + graph.shape(of: $1).channels }) < 24 else { return input }
      return try node(Concatenation(), [input] + others)
    default: return depth < 3 ? try block(depth: depth + 1, after: input) : input
    }
  }

  /// A convolution whose weights are standardised.
  private mutating func derivingConvolution(after input: NodeID) throws -> NodeID {
    let id = try node(Convolution(3, channels: 3, padding: 1), input)
    try graph.derive("w", of: id, by: WeightStandardization())
    return id
  }

  /// A convolution, and once more on what it computed, on the same parameters.
  private mutating func pairOnTheSameParameters(after input: NodeID) throws -> NodeID {
    pairCount += 1
    let name = "pair\(pairCount)"
    let convolution = Convolution(3, channels: graph.shape(of: input).channels, padding: 1)
    let first = try graph.group(name) { (graph) throws(NetworkError) in
      try graph.add(convolution, inputs: [input], name: "conv")
    }
    note(first, reading: [input])
    let second = try graph.repeating(name, as: name + "again") { (graph) throws(NetworkError) in
      try graph.add(convolution, inputs: [first], name: "conv")
    }
    note(second, reading: [first])
    return second
  }

  /// A residual block whose branch is made of whatever comes.
  private mutating func block(depth: Int, after input: NodeID) throws -> NodeID {
    let channels = graph.shape(of: input).channels
    var branch = input
    for _ in 0..<Int.random(in: 1...3, using: &numbers) {
      branch = try add(depth: depth, after: branch)
    }
    branch = try node(Convolution(3, channels: channels, padding: 1), branch)
    if Bool.random(using: &numbers) { branch = try node(BatchNormalization(), branch) }
    return Bool.random(using: &numbers)
      ? try node(Add(), input, branch) : try node(Add(), branch, input)
  }

  private mutating func node(_ operation: any NetworkOperation, _ inputs: NodeID...) throws
    -> NodeID
  {
    try node(operation, inputs)
  }

  private mutating func node(_ operation: any NetworkOperation, _ inputs: [NodeID]) throws
    -> NodeID
  {
    let id = try graph.add(operation, inputs: inputs)
    note(id, reading: inputs)
    return id
  }

  private mutating func note(_ id: NodeID, reading inputs: [NodeID]) {
    values.append(id)
    unread.subtract(inputs)
    unread.insert(id)
  }
}

/// Networks by the danger that they are for what plans and runs them.
enum DangerousNetwork: String, CaseIterable {
  /// One node reads the same value twice, and its gradient comes twice.
  case oneNodeReadsAValueTwice
  /// More inputs than a machine word has bits.
  case aNodeReadsSeventyValues
  /// One value has many readers, whose gradients add up.
  case aValueHasThirtyReaders
  /// There are 2³⁰ paths through it.
  case thirtyDiamondsInARow
  /// The value that is kept comes first: an additive coupling by its looks.
  case residualBlocksWrittenSkipFirst
  /// Blocks whose branches are blocks whose branches are blocks.
  case blocksInBlocks
  /// The network's input, which has no gradient, is added, rectified and concatenated.
  case theInputIsReadByWhatHasNoParameters

  func network() throws -> Network {
    var graph = try GraphBuilder(name: rawValue, input: Shape(4, 3, channels: 2))
    func convolution(_ input: NodeID, channels: Int = 2) throws -> NodeID {
      try graph.add(Convolution(1, channels: channels), inputs: [input])
    }
    var value = try convolution(Network.input)
    switch self {
    case .oneNodeReadsAValueTwice:
      value = try graph.add(Add(), inputs: [value, value])
      let concatenation = try graph.add(Concatenation(), inputs: [value, value, value])
      value = try graph.add(ReLU(), inputs: [concatenation])
      value = try graph.add(Add(), inputs: [value, value])
    case .aNodeReadsSeventyValues:
      let values = try (0..<70).map { _ in
        try graph.add(ReLU(), inputs: [convolution(value, channels: 1)])
      }
      value = try graph.add(Concatenation(), inputs: values)
    case .aValueHasThirtyReaders:
      let normalized = try graph.add(BatchNormalization(), inputs: [value])
      let values = try (0..<30).map { try convolution(normalized, channels: 1 + $0 % 2) }
      value = try graph.add(Concatenation(), inputs: values + [normalized])
    case .thirtyDiamondsInARow:
      for _ in 0..<30 {
        let sides = try (0..<2).map { _ in try convolution(value) }
        value = try graph.add(Add(), inputs: sides)
      }
    case .residualBlocksWrittenSkipFirst:
      for _ in 0..<20 {
        let branch = try graph.add(ReLU(), inputs: [convolution(value)])
        value = try graph.add(Add(), inputs: [value, convolution(branch)])
      }
    case .blocksInBlocks:
      func block(_ depth: Int, _ input: NodeID) throws -> NodeID {
        var branch = input
        for _ in 0..<2 {
          branch = depth == 0 ? try convolution(branch) : try block(depth - 1, branch)
        }
        let rectified = try graph.add(ReLU(), inputs: [convolution(branch)])
        return try graph.add(
          Add(), inputs: depth % 2 == 0 ? [input, rectified] : [rectified, input])
      }
      value = try block(3, value)
    case .theInputIsReadByWhatHasNoParameters:
      let sum = try graph.add(Add(), inputs: [Network.input, Network.input])
      let rectified = try graph.add(ReLU(), inputs: [sum])
      let pooled = try graph.add(
        MaxPooling(3, stride: 1, padding: 1), inputs: [Network.input])
      value = try graph.add(
        Concatenation(), inputs: [rectified, value, Network.input, pooled])
    }
    let pooled = try graph.add(GlobalAveragePooling(), inputs: [value])
    let scores = try graph.add(Linear(10), inputs: [pooled])
    try graph.add(SoftmaxCrossEntropy(), inputs: [scores])
    return try graph.network()
  }

  /// A chain of 2,000 nodes.
  static func longChain() throws -> Network {
    try Network("chain", input: Shape(2, 2, channels: 1)) {
      for _ in 0..<1000 {
        Convolution(1, channels: 1)
        ReLU(negativeSlope: 0.5)
      }
      GlobalAveragePooling()
      Linear(10)
      SoftmaxCrossEntropy()
    }
  }
}
