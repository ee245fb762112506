import Files
import MemoryLedger
import Networks

/// How values are kept that backward passes can read inexactly.
public enum Approximation: Hashable, Sendable {
  /// Convolutions keep a sketch of their input and estimate the gradient of their weights.
  case trace(Trace)
  /// Inputs of convolutions, normalisations and linear layers are kept in a few bits an element;
  /// those of normalisations over few rows in more, where so few would let gradients overflow.
  case quantization(Quantization)

  /// The kind of representation in which values wait.
  var kind: Representation.Kind {
    switch self {
    case .trace: .sketch
    case .quantization: .quantized
    }
  }

  /// The representations of values that can wait inexactly; those that are left out stay whole.
  ///
  /// - Parameters:
  ///   - values: Values that all their readers can read inexactly.
  ///   - network: The network.
  ///   - batchSize: The number of samples.
  /// - Returns: The representations, by value.
  func representations(
    of values: [NodeID], in network: Network, batchSize: Int
  ) -> [NodeID: Representation] {
    var chosen: [NodeID: Representation] = [:]
    switch self {
    case .quantization(let quantization):
      let nonNegative = network.nonNegativeValues
      for value in values {
        chosen[value] = .quantized(
          Quantization(
            bits: network.soundBits(
              atLeast: quantization.bits, for: value, batchSize: batchSize),
            seed: quantization.seed, beginsAtZero: nonNegative[value]))
      }
    case .trace(let trace):
      chosen = trace.representations(of: values, in: network, batchSize: batchSize)
    }
    return chosen.filter { value, representation in
      let shape = network.nodes[value].outputShape
      return representation.byteCount(of: shape, batchSize: batchSize)
        < shape.byteCount(batchSize: batchSize)
    }
  }
}

extension Approximation {
  /// Requires that a budget holds the least that a network's values take.
  ///
  /// - Throws: `ScheduleError` with the least if it does not.
  func checkBudget(for network: Network, batchSize: Int) throws(ScheduleError) {
    guard case .trace(let trace) = self, case .bytes(let budget) = trace.amount else { return }
    let values = network.inexactValues(whole: [], kind: kind)
    let least = TraceAllocation(trace, values: values, network: network, batchSize: batchSize)
      .leastByteCount
    guard least <= budget else {
      throw ScheduleError(
        "\(trace) does not fit: with a batch of \(batchSize), sketches of \(network.name) take at "
          + "least \(ByteCount(bytes: least).fullDescription)", category: .overBudget)
    }
  }
}

extension Trace {
  /// The sketches of values; those that are left out stay whole.
  fileprivate func representations(
    of values: [NodeID], in network: Network, batchSize: Int
  ) -> [NodeID: Representation] {
    switch amount {
    case .probes(let count):
      var chosen: [NodeID: Representation] = [:]
      for value in values where canSketch(value, in: network) {
        let node = network.nodes[value]
        chosen[value] = sketch(
          of: node.outputShape, probes: count, work: network.sketchedGradientWork(of: value),
          isRectified: node.operation.rectifierSlope == 0
        ).map { .sketch($0) }
      }
      return chosen
    case .bytes(let budget):
      return TraceAllocation(self, values: values, network: network, batchSize: batchSize)
        .representations(budget: budget)
    }
  }

  /// A sketch is made once for all readers of a map; probes over the channels of a group would
  /// differ with the groups.
  private func canSketch(_ value: NodeID, in network: Network) -> Bool {
    guard estimator.mixesChannels else { return true }
    return network.convolutions(reading: value).allSatisfy { $0.groups == 1 }
  }
}
