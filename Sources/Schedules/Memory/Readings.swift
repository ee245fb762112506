import Networks

/// How backward passes read what they need, in the numbers of `MemoryFacts`.
package struct Readings: Sendable {
  /// A value in another representation.
  struct Encoding: Sendable {
    let representation: Representation
    let isMask: Bool
    /// For a value in a file, the staging memory that it goes through; 0 for all others.
    let stagingByteCount: Int
    let scratch: Int
    /// Whether it can be written in the pass that writes the value, and the scratch that it adds there.
    let isWrittenWithValues: Bool
    let scratchWithValues: Int
    /// The seconds of writing it, or of rebuilding the value once.
    let seconds: Double
  }

  /// The items that wait for backward passes; a node's are those of `needs(of:)`.
  private(set) var needs: [Int]
  /// For every node, the scratch of its backward pass.
  private(set) var scratch: [Int]
  /// For every item that values are rebuilt from, the value; -1 for all others.
  private(set) var decodes: [NodeID]
  /// For every item that values are rebuilt from, whether they are not what they were.
  private(set) var rounds: [Bool]
  /// For every item that values are rebuilt from, whether it is in a file.
  private(set) var spills: [Bool]
  /// The bytes of all items.
  private(set) var byteCounts: [Int]
  /// For every node and each of its needs, the representation in which it waits.
  package private(set) var representations: [[Representation]]

  private let firstNeeds: [Int]
  private let firstEncodings: [Int]
  private var needCounts: [Int]
  private var encodingCounts: [Int]
  private var encodings: [Encoding]

  /// Finds what all backward passes read.
  package init(_ facts: MemoryFacts, _ representations: [[Representation]]) {
    let count = facts.nodes.count
    self.representations = representations
    firstNeeds = facts.firstNeeds
    firstEncodings = facts.firstEncodings
    needs = Array(repeating: 0, count: firstNeeds[count])
    needCounts = Array(repeating: 0, count: count)
    scratch = needCounts
    encodingCounts = needCounts
    let none = Encoding(
      representation: .whole, isMask: false, stagingByteCount: 0, scratch: 0,
      isWrittenWithValues: false, scratchWithValues: 0, seconds: 0)
    encodings = Array(repeating: none, count: firstEncodings[count] - firstEncodings[0])
    decodes = Array(repeating: -1, count: facts.itemCount)
    rounds = Array(repeating: false, count: facts.itemCount)
    spills = rounds
    byteCounts =
      facts.byteCounts
      + Array(repeating: 0, count: facts.itemCount - facts.byteCounts.count)
    for node in 0..<count { updateEncodings(of: node, facts) }
    for node in 0..<count { updateNeeds(of: node, facts) }
  }

  /// Where in `needs` the items stand that wait for a node's backward pass.
  func needs(of node: NodeID) -> Range<Int> {
    firstNeeds[node]..<firstNeeds[node] + needCounts[node]
  }

  /// The items of a value in other representations, in which it waits for somebody.
  func encodings(of value: NodeID) -> Range<Int> {
    firstEncodings[value]..<firstEncodings[value] + encodingCounts[value]
  }

  /// The representation that an item is.
  func encoding(_ item: Int) -> Encoding { encodings[item - firstEncodings[0]] }

  /// Changes how the readers of one value, itself among them, find what they read.
  package mutating func set(
    _ representations: [(node: NodeID, need: Int, representation: Representation)],
    of value: NodeID, _ facts: MemoryFacts
  ) {
    for (node, need, representation) in representations {
      self.representations[node][need] = representation
    }
    updateEncodings(of: value, facts)
    for node in Set(representations.map(\.node)) { updateNeeds(of: node, facts) }
  }

  private mutating func updateNeeds(of id: NodeID, _ facts: MemoryFacts) {
    let network = facts.network
    guard network.requiresGradient[id] else { return }
    let node = network.nodes[id]
    let items = network.neededItems(of: id, representations)
    for (position, item) in items.enumerated() {
      needs[firstNeeds[id] + position] = number(of: item, facts)
    }
    needCounts[id] = items.count
    scratch[id] = node.operation.scratchByteCount(
      .backward(
        network.demands[id],
        residuals: representations[id].map { $0.isDecoded ? .whole : $0 }),
      node.shapes(batchSize: facts.batchSize), threadCount: facts.threadCount)
  }

  private func number(of item: Item, _ facts: MemoryFacts) -> Int {
    switch item {
    case .value(let value): return value
    case .residual(let node, let index):
      return facts.residuals[facts.nodes[node].residuals.lowerBound + index].item
    case .encoded(let value, let representation):
      if let item = self.item(of: value, as: representation) { return item }
    case .gradient, .staging, .derived, .derivedGradient: break
    }
    preconditionFailure("\(item) waits for no backward pass")
  }

  private func item(of value: NodeID, as representation: Representation) -> Int? {
    encodings(of: value).first { encoding($0).representation == representation }
  }

  private mutating func updateEncodings(of value: NodeID, _ facts: MemoryFacts) {
    let network = facts.network
    for item in encodings(of: value) { decodes[item] = -1 }
    encodingCounts[value] = 0
    for reader in [value] + network.readers[value] {
      for case .encoded(value, let representation) in network.neededItems(
        of: reader, representations)
      where item(of: value, as: representation) == nil {
        let item = firstEncodings[value] + encodingCounts[value]
        encodingCounts[value] += 1
        let shape = network.nodes[value].outputShape
        encodings[item - firstEncodings[0]] = Encoding(
          representation: representation, isMask: representation == .signMask,
          stagingByteCount: representation.stagingByteCount,
          scratch: representation.encodingScratchByteCount(
            of: shape, batchSize: facts.batchSize, threadCount: facts.threadCount),
          isWrittenWithValues: representation.isWrittenWithValues(batchSize: facts.batchSize),
          scratchWithValues: representation.scratchByteCountWithValues(
            of: shape, batchSize: facts.batchSize, threadCount: facts.threadCount),
          seconds: facts.costs?.codec(value, representation) ?? 0)
        byteCounts[item] = representation.byteCount(of: shape, batchSize: facts.batchSize)
        decodes[item] = representation.isDecoded ? value : -1
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
