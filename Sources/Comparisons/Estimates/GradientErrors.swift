import Execution
import KernelInterface
import Kernels
import MemoryLedger
import Networks
import Planning
import Schedules

/// Measures how far weight gradients that are estimated from sketches are from the exact ones, on the
/// activations and gradients of a network as it is.
///
/// The exact backward pass of a batch runs under full storage. Just before each convolution's, its
/// input is sketched several times over under every strategy that is asked for. More batches tell how
/// much the exact gradients differ between them.
public struct GradientErrors {
  /// The parameters that gradients are computed at.
  public let store: ParameterStore
  /// The number of samples of a batch.
  public let batchSize: Int
  /// How often each sketch is drawn.
  public let drawCount: Int
  /// The batches whose exact gradients are compared; errors are those of the first.
  public let batchCount: Int

  private let engine: Engine
  private let seed: UInt64

  /// Prepares a measurement; takes no memory yet.
  ///
  /// - Parameters:
  ///   - store: The parameters. Their gradients are overwritten, nothing else.
  ///   - batchSize: The number of samples of a batch.
  ///   - engine: Runs the kernels.
  ///   - seed: The seed of the sketches.
  ///   - drawCount: How often each sketch is drawn; at least once.
  ///   - batchCount: The batches whose exact gradients are compared; at least one.
  public init(
    _ store: ParameterStore, batchSize: Int, engine: Engine, seed: UInt64, drawCount: Int = 4,
    batchCount: Int = 4
  ) {
    precondition(drawCount >= 1 && batchCount >= 1, "there must be a draw and a batch")
    self.store = store
    self.batchSize = batchSize
    self.engine = engine
    self.seed = seed
    self.drawCount = drawCount
    self.batchCount = batchCount
  }

  /// Plans steps and measures.
  ///
  /// - Parameters:
  ///   - strategies: The strategies.
  ///   - fill: Fills the batch of a number with samples.
  /// - Returns: As for steps.
  /// - Throws: As for steps, and `ScheduleError` if a strategy does not fit the network.
  public func measure(
    _ strategies: [Strategy], fill: (_ batch: BatchMemory, _ number: Int) -> Void
  ) throws -> [[LayerGradientError]] {
    func step(_ strategy: Strategy) throws -> Step {
      try .training(
        store.network, strategy: strategy, batchSize: batchSize, threadCount: engine.threadCount)
    }
    return try measure(strategies.map(step), exact: step(.full), fill: fill)
  }

  /// Measures.
  ///
  /// - Parameters:
  ///   - steps: The steps; those in which no input of a convolution is sketched have no layers in the
  ///     result.
  ///   - exact: The step of full storage.
  ///   - fill: Fills the batch of a number with samples.
  /// - Returns: For every step, the layers whose gradient is estimated, in the network's order.
  /// - Throws: `StepError` if a batch cannot be run.
  public func measure(
    _ steps: [Step], exact: Step, fill: (_ batch: BatchMemory, _ number: Int) -> Void
  ) throws -> [[LayerGradientError]] {
    let network = store.network
    let ledger = try Ledger(for: network)
    let batch = try BatchMemory(network: network, batchSize: batchSize, ledger: ledger)
    let schedules = steps.map(\.firstSchedule)
    let executor = Executor(step: exact, engine: engine, ledger: ledger)
    let draws = SketchDraws(engine: engine, ledger: ledger, seed: seed, count: drawCount)
    var errors = [[NodeID: SketchDraws.Errors]](repeating: [:], count: schedules.count)
    var variances = BatchVariances(network)
    for number in 0..<batchCount {
      fill(batch, number)
      var failure: (any Error)?
      executor.willRunBackward = { id, pass in
        guard number == 0, failure == nil, let node = network.estimable(id) else { return }
        do {
          for (index, schedule) in schedules.enumerated() {
            guard case .sketch(let sketch) = schedule.representations[id][0] else { continue }
            errors[index][id] = try draws.errors(of: sketch, node, pass)
          }
        } catch {
          failure = error
        }
      }
      _ = try executor.run(store: store, batch: batch, seed: seed)
      if let failure { throw failure }
      variances.add(store)
    }
    return zip(schedules, errors).map { schedule, errors in
      errors.keys.sorted().compactMap { id in
        errors[id].map { layer(id, schedule, $0, variances) }
      }
    }
  }

  private func layer(
    _ id: NodeID, _ schedule: Schedule, _ errors: SketchDraws.Errors,
    _ variances: BatchVariances
  ) -> LayerGradientError {
    let node = store.network.nodes[id]
    let representation = schedule.representations[id][0]
    return LayerGradientError(
      node: id, layer: node.name, representation: "\(representation)",
      wholeByteCount: node.inputShapes[0].byteCount(batchSize: batchSize),
      byteCount: representation.byteCount(of: node.inputShapes[0], batchSize: batchSize),
      squaredNorm: errors.squaredNorm, squaredError: errors.squaredError,
      predictedSquaredError: errors.predictedSquaredError, product: errors.product,
      estimateSquaredNorm: errors.estimateSquaredNorm, batchVariance: variances.variance(of: id))
  }
}

extension Network {
  /// A convolution whose input a strategy may sketch; nil for any other node.
  fileprivate func estimable(_ id: NodeID) -> Node? {
    nodes[id].operation is Convolution && nodes[id].inputs[0] != Network.input ? nodes[id] : nil
  }
}

/// Σ‖g_k − ḡ‖²/(K − 1) over the exact gradients of convolutions' weights.
private struct BatchVariances {
  private var sums: [NodeID: [Float]] = [:]
  private var squares: [NodeID: Double] = [:]
  private var count = 0.0

  init(_ network: Network) {
    for node in network.nodes where network.estimable(node.id) != nil { sums[node.id] = [] }
  }

  mutating func add(_ store: ParameterStore) {
    count += 1
    for (index, parameter) in store.parameters.enumerated() {
      guard var sum = sums[parameter.node], parameter.description.layout == .convolution else {
        continue
      }
      let gradient = unsafe store.gradient(index)
      if sum.isEmpty { sum = [Float](repeating: 0, count: gradient.count) }
      var square = 0.0
      for element in 0..<gradient.count {
        let value = unsafe gradient[element]
        sum[element] += value
        square += Double(value) * Double(value)
      }
      sums[parameter.node] = sum
      squares[parameter.node, default: 0] += square
    }
  }

  func variance(of node: NodeID) -> Double? {
    guard count > 1, let sum = sums[node], let squares = squares[node] else { return nil }
    let squareOfSum = sum.reduce(0.0) { $0 + Double($1) * Double($1) }
    return max(0, squares - squareOfSum / count) / (count - 1)
  }
}
