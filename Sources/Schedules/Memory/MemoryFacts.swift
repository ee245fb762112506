import Networks

/// What the passes of a network do to memory, in numbers: what operations are asked for, asked once.
///
/// Items are numbered: values, gradients, own residuals, derived parameters and their gradients have a
/// number each, and every value has one more for each other representation that it can wait in.
/// Staging memory has the last. What nodes list lies in one array a kind, a node's part of which its
/// facts name: planners go through it thousands of times.
package struct MemoryFacts: Sendable {
  /// Something that a forward pass leaves for the backward pass of its own node.
  struct Residual: Sendable {
    let item: Int
    let isOptional: Bool
    /// Where the value whose memory it may take over stands in `inputs`.
    let overwrites: Int?
  }

  /// The network.
  package let network: Network
  /// The number of samples that run at once.
  package let batchSize: Int
  /// The number of threads that scratch is booked for.
  package let threadCount: Int
  /// What passes take; nil where nobody asks.
  let costs: PassCosts?

  /// The facts of the nodes.
  package private(set) var nodes: [NodeFacts] = []
  /// The nodes whose values forward passes read.
  package private(set) var inputs: [NodeID] = []
  /// The values that backward passes read.
  package private(set) var readValues: [NodeID] = []
  /// For each of `inputs`, where the same one of the same node stands first.
  private(set) var firstReadings: [Int] = []
  /// The gradients that backward passes make or add to, by number.
  private(set) var inputGradients: [Int] = []
  private(set) var residuals: [Residual] = []
  /// Where those stand in `inputs` whose memory outputs may take over.
  private(set) var overwritable: [Int] = []
  /// What recoveries of inputs read, the node's own value first.
  private(set) var inversionReads: [Int] = []
  /// The derived parameters that passes read, each node's in ascending order.
  private(set) var derivedParameters: [Int] = []

  /// What items hold, as far as a number tells: not those of other representations.
  private(set) var items: [Item] = []
  /// The bytes of the same items.
  private(set) var byteCounts: [Int] = []
  /// For each derived parameter, the scratch of deriving it and of propagating its gradient, and whether
  /// it has one.
  private(set) var derivationScratch: [Int] = []
  private(set) var isDerivedTrained: [Bool] = []
  private var firstDerived = 0

  /// For each node, where what waits for its backward pass begins among that of all (`Readings`); one
  /// more at the end.
  private(set) var firstNeeds = [0]
  /// The number of each value's first other representation; one more at the end.
  private(set) var firstEncodings: [Int] = []
  /// The values that those numbers belong to.
  private var encodedValues: [NodeID] = []

  /// Asks all nodes, once.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples that run at once.
  ///   - threadCount: The number of threads that scratch is booked for.
  ///   - costs: What passes take; nil where nobody asks.
  package init(
    _ network: Network, batchSize: Int, threadCount: Int, costs: PassCosts? = nil
  ) {
    self.network = network
    self.batchSize = batchSize
    self.threadCount = threadCount
    self.costs = costs
    let indices = network.nodes.indices
    items = indices.map { .value($0) } + indices.map { .gradient($0) }
    byteCounts = network.nodes.map { node in
      node.operation.isLoss ? 0 : node.outputShape.byteCount(batchSize: batchSize)
    }
    byteCounts += byteCounts
    for node in network.nodes { nodes.append(facts(of: node)) }

    let table = network.parameterTable
    firstDerived = items.count
    items += table.derived.enumerated().map { .derived($1.node, $0) }
    items += table.derived.enumerated().map { .derivedGradient($1.node, $0) }
    byteCounts += (table.derived + table.derived).map(\.description.byteCount)
    derivationScratch = table.derived.map { $0.transform.scratchByteCount(of: $0.description) }
    isDerivedTrained = table.derived.indices.map { table.isTrained(.derived($0)) }

    // A need can be one item, or two where a mask is read beside it.
    for (node, reads) in network.residualReads.enumerated() {
      firstNeeds.append(firstNeeds[node] + 2 * reads.count)
    }
    var counts = [Int](repeating: 0, count: indices.count)
    for value in readValues { counts[value] += 2 }
    var next = items.count
    for count in counts {
      firstEncodings.append(next)
      next += count
    }
    firstEncodings.append(next)
    encodedValues = indices.flatMap { Array(repeating: $0, count: counts[$0]) }
  }

  /// Asks a node, and adds what it lists.
  private mutating func facts(of node: Node) -> NodeFacts {
    let operation = node.operation
    let shapes = node.shapes(batchSize: batchSize)
    let firstInput = inputs.count
    let firstResidual = residuals.count
    for residual in operation.ownResiduals(shapes) {
      items.append(.residual(node.id, residuals.count - firstResidual))
      byteCounts.append(residual.byteCount)
      residuals.append(
        Residual(
          item: items.count - 1, isOptional: residual.isOptional,
          overwrites: residual.mayOverwriteInput.map { firstInput + $0 }))
    }
    let positions = Dictionary(zip(node.inputs, node.inputs.indices), uniquingKeysWith: min)
    firstReadings += node.inputs.map { firstInput + (positions[$0] ?? 0) }
    let network = network
    let residuals = residuals
    return NodeFacts(
      inputs: inputs.add(node.inputs),
      readValues: readValues.add(network.residualReads[node.id].compactMap(\.value)),
      recoveredInput: network.recoveredInput(of: node.id),
      inputGradients: inputGradients.add(
        network.gradientInputs(of: node.id).map { network.nodes.count + $0 }),
      residuals: firstResidual..<residuals.count,
      isLoss: operation.isLoss,
      overwritable: overwritable.add(
        operation.outputMayOverwrite(shapes).map { firstInput + $0 }),
      gradientStorage: operation.inputGradientMayOverwrite(shapes),
      forwardScratch: operation.scratchByteCount(.forward, shapes, threadCount: threadCount),
      derivedParameters: derivedParameters.add(
        network.parameterTable.derivedParameters(of: node.id).sorted()),
      packsMask: operation.outputMask != nil,
      sketchesOutput: operation.sketchesOutput,
      fusedRectifier: network.fusedRectifier(of: node.id, in: .forward),
      fusingNode: node.inputs.first.flatMap { input in
        network.fusedRectifier(of: input, in: .backward) == node.id ? input : nil
      },
      inversionReads: inversionReads.add(
        network.itemsForInversion(of: node.id).map { item in
          if case .residual(_, let index) = item { return residuals[firstResidual + index].item }
          return item.node
        }),
      recoversInPlace: node.inputShapes.first == node.outputShape)
  }

  /// The number of the gradient of a node's value.
  func gradient(_ node: NodeID) -> Int { nodes.count + node }

  /// The number of a derived parameter's value.
  func derived(_ parameter: Int) -> Int { firstDerived + parameter }

  /// The number of a derived parameter's gradient.
  func derivedGradient(_ parameter: Int) -> Int {
    firstDerived + derivationScratch.count + parameter
  }

  /// Whether a number stands for a derived parameter or its gradient: those are no part of what a step
  /// itself takes (`CategoryBytes.stepTotal`).
  func isDerived(_ item: Int) -> Bool { item >= firstDerived && item < firstEncodings[0] }

  /// The number of staging memory.
  var staging: Int { firstEncodings[nodes.count] }

  /// The number of all items.
  var itemCount: Int { staging + 1 }

  /// The value that a number stands for in another representation; nil if for none.
  func encodedValue(_ item: Int) -> NodeID? {
    let index = item - firstEncodings[0]
    return encodedValues.indices.contains(index) ? encodedValues[index] : nil
  }
}

extension Array {
  /// Adds elements and tells where they stand.
  fileprivate mutating func add(_ elements: [Element]) -> Range<Int> {
    append(contentsOf: elements)
    return count - elements.count..<count
  }
}

/// What the passes of one node do to memory; ranges are those of its parts of the lists of all nodes.
package struct NodeFacts: Sendable {
  /// The nodes whose values the forward pass reads.
  package let inputs: Range<Int>
  /// The values that the backward pass reads.
  package let readValues: Range<Int>
  /// The input that can be recovered from the node's own value.
  package let recoveredInput: NodeID?

  let inputGradients: Range<Int>
  let residuals: Range<Int>
  let isLoss: Bool
  let overwritable: Range<Int>
  let gradientStorage: GradientStorage
  let forwardScratch: Int
  let derivedParameters: Range<Int>
  /// Whether the forward pass can pack the mask of its output.
  let packsMask: Bool
  let sketchesOutput: Bool
  /// The rectifier whose work the forward pass can do too.
  let fusedRectifier: NodeID?
  /// For a rectifier, the node whose backward pass can do its work.
  let fusingNode: NodeID?
  let inversionReads: Range<Int>
  /// Whether what is recovered can take over the memory of the node's own value.
  let recoversInPlace: Bool
}

/// What passes take in seconds, as a planner forecasts them.
package struct PassCosts: Sendable {
  /// The seconds of each node's forward pass.
  let forward: [Double]
  /// The seconds of each node's backward pass.
  let backward: [Double]
  /// The seconds of deriving each derived parameter, and of propagating its gradient.
  let derivation: [Double]
  /// The seconds of writing a value in another representation, or of rebuilding it.
  let codec: @Sendable (NodeID, Representation) -> Double

  /// Creates costs.
  package init(
    forward: [Double], backward: [Double], derivation: [Double],
    codec: @escaping @Sendable (NodeID, Representation) -> Double
  ) {
    self.forward = forward
    self.backward = backward
    self.derivation = derivation
    self.codec = codec
  }
}
