import Networks
import Schedules

/// What the passes of a network do to memory, in numbers: what an assembler asks operations for,
/// asked once.
///
/// Items are numbered: values, gradients and own residuals have a number each, and each value has
/// two more for what else it can wait as, a mask and another representation.
struct PassFacts {
  /// Something that a forward pass leaves for the backward pass of its own node.
  struct Residual {
    let item: Int
    let isOptional: Bool
    /// The position among the inputs of the value whose memory it may take over.
    let overwrites: Int?
  }

  /// One node; a class, since it is looked up far more often than made.
  final class Fact: Sendable {
    let inputs: [NodeID]
    /// For every input, the position at which the same one is read first.
    let firstReadings: [Int]
    /// The inputs that have a gradient.
    let gradientInputs: [NodeID]
    let residuals: [Residual]
    let isLoss: Bool
    /// The positions of the inputs whose memory the output may take over.
    let overwritable: [Int]
    let gradientStorage: GradientStorage
    let forwardScratch: Int
    /// The values that the backward pass reads.
    let readValues: [NodeID]
    /// Whether the pass that writes the value can write a bit an element too.
    let writesMask: Bool
    let sketchesOutput: Bool
    /// The rectifier whose work the forward pass can do too.
    let fusedRectifier: NodeID?
    /// For a rectifier, the node whose backward pass can do its work.
    let fusingNode: NodeID?
    /// The input that can be recovered, what that reads, the node's own value first, and whether it
    /// can take over that value's memory.
    let recoveredInput: NodeID?
    let inversionReads: [Int]
    let recoversInPlace: Bool

    init(
      _ node: Node, of network: Network, residuals: [Residual], shapes: NodeShapes,
      threadCount: Int
    ) {
      let operation = node.operation
      inputs = node.inputs
      let positions = Dictionary(zip(node.inputs, node.inputs.indices), uniquingKeysWith: min)
      firstReadings = node.inputs.map { positions[$0] ?? 0 }
      gradientInputs = network.gradientInputs(of: node.id)
      self.residuals = residuals
      isLoss = operation.isLoss
      overwritable = operation.outputMayOverwrite(shapes)
      gradientStorage = operation.inputGradientMayOverwrite(shapes)
      forwardScratch = operation.scratchByteCount(
        .forward, shapes, threadCount: threadCount)
      writesMask = operation.outputMask != nil
      sketchesOutput = operation.sketchesOutput
      fusedRectifier = network.fusedRectifier(of: node.id, in: .forward)
      fusingNode = node.inputs.first.flatMap { input in
        network.fusedRectifier(of: input, in: .backward) == node.id ? input : nil
      }
      recoveredInput = network.recoveredInput(of: node.id)
      inversionReads = network.itemsForInversion(of: node.id).map { item in
        if case .residual(_, let index) = item { return residuals[index].item }
        return item.node
      }
      recoversInPlace = node.inputShapes.first == node.outputShape
      readValues = network.residualReads[node.id].compactMap(\.value)
    }
  }

  let network: Network
  let batchSize: Int
  let threadCount: Int
  let costs: StepCosts
  let nodes: [Fact]
  /// What can be recovered, and for each node whose input follows from a rectifier's output, the
  /// rectifier.
  let inversion: Inversion
  let invertedRectifiers: [NodeID: NodeID]
  /// The bytes of values, gradients and own residuals; those of encodings are not among them.
  let byteCounts: [Int]
  /// The number of all items, encodings included.
  let itemCount: Int
  private let firstEncoding: Int

  init(_ network: Network, batchSize: Int, threadCount: Int, costs: StepCosts) {
    self.network = network
    self.batchSize = batchSize
    self.threadCount = threadCount
    self.costs = costs
    inversion = Inversion(network)
    invertedRectifiers = Dictionary(
      uniqueKeysWithValues: inversion.rectifiers.map { ($0.value, $0.key) })
    let values = network.nodes.map { node in
      node.operation.isLoss ? 0 : node.outputShape.byteCount(batchSize: batchSize)
    }
    var byteCounts = values + values
    nodes = network.nodes.map { node in
      let shapes = node.shapes(batchSize: batchSize)
      let residuals = node.operation.ownResiduals(shapes).map { residual in
        byteCounts.append(residual.byteCount)
        return Residual(
          item: byteCounts.count - 1, isOptional: residual.isOptional,
          overwrites: residual.mayOverwriteInput)
      }
      return Fact(
        node, of: network, residuals: residuals, shapes: shapes, threadCount: threadCount)
    }
    self.byteCounts = byteCounts
    firstEncoding = byteCounts.count
    itemCount = byteCounts.count + 2 * network.nodes.count
  }

  func gradient(_ node: NodeID) -> Int { network.nodes.count + node }

  /// The number of a value in another representation.
  func encoding(_ node: NodeID, isMask: Bool) -> Int {
    firstEncoding + 2 * node + (isMask ? 0 : 1)
  }
}

/// How backward passes read what they need, in the numbers of `PassFacts`.
struct Readings {
  /// A value in another representation.
  struct Encoding {
    let item: Int
    let isMask: Bool
    /// For a value in a file, the staging memory that it goes through; 0 for all others.
    let stagingByteCount: Int
    let byteCount: Int
    let scratch: Int
    /// Whether it can be written in the pass that writes the value, and the scratch that it adds there.
    let isWrittenWithValues: Bool
    let scratchWithValues: Int
    /// The seconds of writing it, or of rebuilding the value once.
    let seconds: Double
  }

  /// For every node, the items that wait for its backward pass.
  private(set) var needs: [[Int]]
  /// For every node, the scratch of its backward pass.
  private(set) var scratch: [Int]
  /// For every value, in which other representations it waits for somebody.
  private(set) var encodings: [[Encoding]]
  /// For every item that values are rebuilt from, the value; -1 for all others.
  private(set) var decodes: [NodeID]
  /// For every item that values are rebuilt from, whether they are not what they were.
  private(set) var rounds: [Bool]
  /// For every item that values are rebuilt from, whether it is in a file.
  private(set) var spills: [Bool]
  /// The bytes of all items.
  private(set) var byteCounts: [Int]
  private(set) var representations: [[Representation]]

  init(_ facts: PassFacts, _ representations: [[Representation]]) {
    let count = facts.network.nodes.count
    self.representations = representations
    needs = Array(repeating: [], count: count)
    scratch = Array(repeating: 0, count: count)
    encodings = Array(repeating: [], count: count)
    decodes = Array(repeating: -1, count: facts.itemCount)
    rounds = Array(repeating: false, count: facts.itemCount)
    spills = rounds
    byteCounts = facts.byteCounts + Array(repeating: 0, count: 2 * count)
    for node in facts.network.nodes.indices { update(node, facts) }
    for node in facts.network.nodes.indices { updateEncodings(of: node, facts) }
  }

  /// Changes how the readers of one value, itself among them, find what they read.
  mutating func set(
    _ representations: [(node: NodeID, need: Int, representation: Representation)],
    of value: NodeID, _ facts: PassFacts
  ) {
    for (node, need, representation) in representations {
      self.representations[node][need] = representation
    }
    for node in Set(representations.map(\.node)) { update(node, facts) }
    updateEncodings(of: value, facts)
  }

  private mutating func update(_ id: NodeID, _ facts: PassFacts) {
    let network = facts.network
    guard network.requiresGradient[id] else { return }
    let node = network.nodes[id]
    needs[id] = network.neededItems(of: id, representations).map { item in
      switch item {
      case .value(let value): return value
      case .gradient(let value): return facts.gradient(value)
      case .residual(let node, let index): return facts.nodes[node].residuals[index].item
      case .encoded(let value, let representation):
        return facts.encoding(value, isMask: representation == .signMask)
      case .staging, .derived, .derivedGradient:
        preconditionFailure("\(item) is no residual")
      }
    }
    scratch[id] = node.operation.scratchByteCount(
      .backward(
        network.demands[id],
        residuals: representations[id].map { $0.isDecoded ? .whole : $0 }),
      node.shapes(batchSize: facts.batchSize), threadCount: facts.threadCount)
  }

  private mutating func updateEncodings(of value: NodeID, _ facts: PassFacts) {
    let network = facts.network
    for isMask in [true, false] { decodes[facts.encoding(value, isMask: isMask)] = -1 }
    encodings[value] = []
    for reader in [value] + network.readers[value] {
      for case .encoded(value, let representation) in network.neededItems(
        of: reader, representations)
      {
        let item = facts.encoding(value, isMask: representation == .signMask)
        guard !encodings[value].contains(where: { $0.item == item }) else { continue }
        let shape = network.nodes[value].outputShape
        byteCounts[item] = representation.byteCount(of: shape, batchSize: facts.batchSize)
        encodings[value].append(
          Encoding(
            item: item, isMask: representation == .signMask,
            stagingByteCount: representation.stagingByteCount, byteCount: byteCounts[item],
            scratch: representation.encodingScratchByteCount(
              of: shape, batchSize: facts.batchSize, threadCount: facts.threadCount),
            isWrittenWithValues: representation.isWrittenWithValues(batchSize: facts.batchSize),
            scratchWithValues: representation.scratchByteCountWithValues(
              of: shape, batchSize: facts.batchSize, threadCount: facts.threadCount),
            seconds: facts.costs.codec(value, representation)))
        if representation.isDecoded { decodes[item] = value }
        rounds[item] = representation.kind == .quantized
        spills[item] = representation.kind == .spilled
      }
    }
  }
}

extension Representation {
  /// The staging memory that a value in a file goes through; 0 for all other representations.
  fileprivate var stagingByteCount: Int {
    if case .spilled(let byteCount) = self { return byteCount }
    return 0
  }
}
