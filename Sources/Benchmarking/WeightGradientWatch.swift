import Calibration
import Execution
import Networks
import Training

/// Times the weight gradients of a network's convolutions and linear layers, each alone, inside the
/// steps of trainers.
struct WeightGradientWatch {
  /// The layers, in the network's order.
  let layers: [Node]
  private let positions: [NodeID: Int]

  /// Creates a watch for the layers of a network.
  ///
  /// - Throws: `ShapeError` if a layer has no geometry, which none has that the builder accepted.
  init(_ network: Network) throws(ShapeError) {
    var layers: [Node] = []
    for node in network.nodes where try node.convolutionGeometry(batchSize: 1) != nil {
      layers.append(node)
    }
    self.layers = layers
    positions = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1.id, $0) })
  }

  /// Makes a step that yields what it would have yielded otherwise.
  ///
  /// - Parameter trainer: Trains the network.
  /// - Returns: For every layer, the seconds that its gradients of weights and bias take alone, summed
  ///   up over the parts of the batch.
  /// - Throws: `StepError`.
  func step(_ trainer: Trainer) throws(StepError) -> [ElapsedSeconds] {
    var seconds = [ElapsedSeconds](repeating: .zero, count: layers.count)
    trainer.willRunBackward = { id, pass in
      guard let position = positions[id] else { return }
      let own = Self.time(layers[position], pass)
      seconds[position] = seconds[position] + own
    }
    defer { trainer.willRunBackward = nil }
    _ = try trainer.step()
    return seconds
  }

  /// Computes a layer's gradients of weights and bias just before its backward pass does, and finds the
  /// caches as that would have.
  ///
  /// The backward pass overwrites them. Where it adds to what is there, that is put back; only then
  /// memory is taken, for a copy.
  static func time(_ layer: Node, _ pass: BackwardPass) -> ElapsedSeconds {
    let counts = layer.operation.parameters(for: layer.inputShapes).map(\.elementCount)
    let gradients = unsafe zip(pass.parameterGradients, counts).map { start, count in
      unsafe UnsafeMutableBufferPointer(start: start, count: start == nil ? 0 : count)
    }
    let before =
      unsafe pass.accumulatesParameterGradients ? gradients.map { unsafe Array($0) } : []
    var alone = pass
    alone.inputGradients = pass.inputGradients.map { _ in nil }
    let watch = Stopwatch()
    layer.operation.backward(alone)
    let elapsed = watch.elapsed
    for index in before.indices {
      _ = unsafe gradients[index].update(fromContentsOf: before[index])
    }
    return elapsed
  }
}
