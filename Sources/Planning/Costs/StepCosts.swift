import Networks
import Schedules

/// How fast a machine computes and moves bytes: what passes cost follows from it.
///
/// A pass takes as long as its arithmetic or its traffic, whichever is longer (Williams, Waterman
/// and Patterson 2009, "Roofline"). That is coarse, but tells a convolution from a pass over memory,
/// which is what planning needs.
public struct MachineRates: Hashable, Sendable {
  /// Multiplications and additions a second, of all threads together.
  public var operationsPerSecond: Double
  /// Bytes read and written a second.
  public var bytesPerSecond: Double

  /// Creates rates; both are above 0.
  public init(operationsPerSecond: Double, bytesPerSecond: Double) {
    precondition(operationsPerSecond > 0 && bytesPerSecond > 0, "a machine moves")
    self.operationsPerSecond = operationsPerSecond
    self.bytesPerSecond = bytesPerSecond
  }

  /// What plans are chosen with, so that the same plan is found everywhere and at any time: 200
  /// GFLOP/s a thread, and 10 GB/s a thread.
  ///
  /// Only the ratio matters to the choice: 20 operations in the time of a byte, as convolutions and
  /// passes over memory take on processors with wide vectors.
  public static func assumed(threadCount: Int) -> MachineRates {
    MachineRates(
      operationsPerSecond: 200e9 * Double(threadCount),
      bytesPerSecond: 10e9 * Double(threadCount))
  }

  /// The seconds of so much arithmetic and traffic.
  func seconds(operations: Int, bytes: Int) -> Double {
    max(Double(operations) / operationsPerSecond, Double(bytes) / bytesPerSecond)
  }
}

/// The seconds of every pass of a network, forecast from arithmetic and traffic, or from what the
/// passes took for fewer samples.
public struct StepCosts: Sendable {
  /// The rates that they follow from.
  public let rates: MachineRates
  /// The seconds of each node's forward pass.
  let forward: [Double]
  /// The seconds of each node's backward pass.
  let backward: [Double]

  private let network: Network
  private let batchSize: Int
  private let timings: PassTimings?

  /// Computes the costs of all passes of a network for a batch.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - batchSize: The number of samples.
  ///   - rates: The rates that arithmetic and traffic are divided by.
  ///   - timings: What passes took; nil to forecast all of them with `rates`.
  public init(
    _ network: Network, batchSize: Int, rates: MachineRates, timings: PassTimings? = nil
  ) {
    self.rates = rates
    self.network = network
    self.batchSize = batchSize
    self.timings = timings
    if let timings {
      forward = timings.forward.map { $0 * Double(batchSize) }
      backward = timings.backward.map { $0 * Double(batchSize) }
      return
    }
    forward = network.nodes.map { node in
      let shapes = node.shapes(batchSize: batchSize)
      guard node.id != Network.input else { return 0 }
      return rates.seconds(
        operations: node.operation.forwardFLOPs(shapes),
        bytes: node.operation.trafficByteCount(.forward, shapes))
    }
    backward = network.nodes.map { node in
      let demand = network.demands[node.id]
      guard !demand.isEmpty else { return 0 }
      let shapes = node.shapes(batchSize: batchSize)
      // A product with weights has two gradients, each as much arithmetic as the product.
      let parameters = node.operation.parameters(for: node.inputShapes)
      let weights = parameters.indices.filter { parameters[$0].layout != .vector }
      let products =
        weights.isEmpty
        ? 1
        : (demand.inputs.isEmpty ? 0 : 1) + (demand.parameters.isDisjoint(with: weights) ? 0 : 1)
      return rates.seconds(
        operations: node.operation.forwardFLOPs(shapes) * products,
        bytes: node.operation.trafficByteCount(
          .backward(demand, residuals: []), shapes))
    }
  }

  /// The bytes that go to a file or come back in a second: a documented default, since files are
  /// written in the background and their speed is not the processor's.
  static let fileBytesPerSecond = 1e9

  /// The seconds of writing a value in another representation, or of rebuilding it.
  func codec(
    _ value: NodeID, _ representation: Representation, decodes: Bool = false
  ) -> Double {
    let shape = network.nodes[value].outputShape
    if case .quantized(let quantization) = representation,
      let seconds = timings?.seconds(
        of: quantization.bits, decodes: decodes, count: batchSize * shape.elementCount)
    {
      return seconds
    }
    let whole = shape.byteCount(batchSize: batchSize)
    if representation.kind == .spilled { return Double(whole) / Self.fileBytesPerSecond }
    let encoded = representation.byteCount(of: shape, batchSize: batchSize)
    return rates.seconds(operations: 0, bytes: whole + encoded)
  }

  /// The seconds of one action: deeds that are done in one pass take as long as the longest, and a
  /// sketch that is written in it its own time.
  public func seconds(of action: Action) -> Double {
    let (longest, sketches) = action.deeds.reduce((0.0, 0.0)) { sums, deed in
      deed.isSketching
        ? (sums.0, sums.1 + seconds(of: deed)) : (max(sums.0, seconds(of: deed)), sums.1)
    }
    return longest + sketches
  }

  private func seconds(of deed: Action.Deed) -> Double {
    switch deed {
    case .forward(let node), .recompute(let node), .invert(let node): forward[node]
    case .backward(let node): backward[node]
    case .encode(let node, let representation): codec(node, representation)
    case .decode(let node, let representation): codec(node, representation, decodes: true)
    case .derive(_, let index), .propagate(_, let index): seconds(ofDeriving: index)
    case .release: 0
    }
  }

  /// The costs of all passes, for a simulation.
  var ofPasses: PassCosts {
    PassCosts(
      forward: forward, backward: backward,
      derivation: network.parameterTable.derived.indices.map { seconds(ofDeriving: $0) }
    ) { codec($0, $1) }
  }

  /// The seconds of deriving a parameter, or of propagating its gradient.
  private func seconds(ofDeriving index: Int) -> Double {
    rates.seconds(
      operations: 0, bytes: 2 * network.parameterTable.derived[index].description.byteCount)
  }

  /// The seconds of a whole step of the costs' network.
  public func seconds(of step: Step) -> Double {
    let seconds = step.schedules.map { schedule in
      let costs =
        schedule.batchSize == batchSize
        ? self
        : StepCosts(network, batchSize: schedule.batchSize, rates: rates, timings: timings)
      return schedule.actions.reduce(0) { $0 + costs.seconds(of: $1) }
    }
    return self.seconds(ofRuns: step.runs.map { seconds[$0.scheduleIndex] })
  }

  /// The seconds of runs and of adding the gradients of all but the first to those before.
  func seconds(ofRuns seconds: [Double]) -> Double {
    let parameters = network.trainedParameterCount * MemoryLayout<Float>.stride
    return seconds.reduce(0, +)
      + Double(seconds.count - 1) * rates.seconds(operations: 0, bytes: 3 * parameters)
  }
}
