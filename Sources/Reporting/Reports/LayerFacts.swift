import MemoryLedger
import Networks
import Schedules

/// What one layer costs in a training step, and how its backward pass finds what it needs.
package struct LayerFacts: Sendable {
  /// The layer's name.
  package let layer: String
  /// The kind of operation.
  package let operation: String
  /// The output of a batch: samples first, channels last.
  package let outputShape: String
  /// The arithmetic of the forward pass of a batch.
  package let flops: Int
  /// The bytes of its trained parameters.
  package let parameterByteCount: Int
  /// The bytes that are kept of its value and residuals at the end of the forward pass.
  package let savedByteCount: Int
  /// How its value and residuals are kept: `whole`, `mask`, `sketch(…)`, names of its own
  /// residuals, several joined by plus signs; `recomputed`, or `none`.
  package let representation: String
  /// How its backward pass finds what it reads, in the same words; `input` is the batch itself.
  package let reads: String

  /// The facts of all layers of a run, the input left out.
  package static func all(of schedule: Schedule) -> [LayerFacts] {
    let saved = schedule.savedItems
    let recomputed = schedule.actions.lazy.flatMap(\.deeds).reduce(into: Set<NodeID>()) {
      if case .recompute(let node) = $1 { $0.insert(node) }
    }
    let inverted = schedule.recoveredNodes
    return schedule.network.nodes.dropFirst().map { node in
      let shapes = node.shapes(batchSize: schedule.batchSize)
      let items = saved[node.id].map { schedule.network.word(for: $0.item) }.sorted()
      let parameters = schedule.network.parameters.filter { $0.node == node.id }
      let isLost = recomputed.contains(node.id)
      return LayerFacts(
        layer: node.name, operation: node.operation.kind,
        outputShape: node.operation.isLoss
          ? "1" : "\(schedule.batchSize)x\(node.outputShape)",
        flops: node.operation.forwardFLOPs(shapes),
        parameterByteCount: parameters.reduce(0) { $0 + $1.description.byteCount },
        savedByteCount: saved[node.id].reduce(0) { $0 + $1.byteCount },
        representation: items.isEmpty
          ? inverted.contains(node.id) ? "inverted" : isLost ? "recomputed" : "none"
          : items.joined(separator: "+"),
        reads: schedule.words(forNeedsOf: node.id).joined(separator: "+"))
    }
  }
}

extension Schedule {
  /// The nodes whose values are recovered from their readers' ones.
  fileprivate var recoveredNodes: Set<NodeID> {
    Set(
      actions.lazy.flatMap(\.deeds).compactMap { deed in
        guard case .invert(let node) = deed else { return nil }
        return network.recoveredInput(of: node)
      })
  }

  fileprivate func words(forNeedsOf node: NodeID) -> [String] {
    zip(network.residualReads[node], representations[node]).map { read, representation in
      switch read.origin {
      case .own(let index): network.word(for: .residual(node, index))
      case .value(Network.input): "input"
      case .value: representation.description
      }
    }
  }
}

extension Network {
  /// How reports name the way in which an item is kept.
  fileprivate func word(for item: Item) -> String {
    switch item {
    case .value, .gradient: "whole"
    case .residual(let node, let index):
      nodes[node].operation.ownResiduals(nodes[node].shapes(batchSize: 1))[index].name
    case .encoded(_, let representation): representation.description
    case .staging: "staging"
    case .derived, .derivedGradient: "parameter"
    }
  }
}
