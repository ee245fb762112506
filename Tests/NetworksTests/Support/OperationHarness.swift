import Kernels
import Networks

@testable import Execution

/// Runs the passes of one operation on memory of its own, as a schedule would.
///
/// Scratch and own residuals are exactly as large as the operation says, with guards on both sides.
@safe final class OperationHarness {
  let operation: any NetworkOperation
  let shapes: NodeShapes
  let engine: Engine
  var inputs: [[Float]]
  var parameters: [[Float]]
  var statistics: [[Float]] = []
  var labels: [Int32] = [0]
  /// The numbers that a loss compares with, if it wants some of the batch.
  var targets: [Float] = []
  /// What the gradient of a loss is multiplied by.
  var lossWeight: Float = 1
  var mode = Mode.training
  /// The seed of what the passes draw.
  var seed: UInt64 = 0

  private(set) var output: [Float] = []
  private(set) var newStatistics: [[Float]] = []
  private(set) var report = LossReport()
  private(set) var residuals: [[UInt8]] = []
  /// The gradients of the last backward pass; empty where none was wanted.
  private(set) var inputGradients: [[Float]] = []
  private(set) var parameterGradients: [[Float]] = []
  /// Whether a pass wrote before or behind memory that it was given.
  private(set) var overran = false

  init(
    _ operation: any NetworkOperation, inputs: [(shape: Shape, values: [Float])], batchSize: Int,
    parameters: [[Float]] = [], engine: Engine
  ) throws {
    self.operation = operation
    self.engine = engine
    let inputShapes = inputs.map(\.shape)
    shapes = NodeShapes(
      inputs: inputShapes, output: try operation.outputShape(for: inputShapes),
      batchSize: batchSize)
    self.inputs = inputs.map(\.values)
    self.parameters = parameters
  }

  /// Everything that there is a gradient of.
  var everything: GradientDemand {
    GradientDemand(
      inputs: Set(inputs.indices.filter { operation.passesGradient(toInput: $0) }),
      parameters: Set(parameters.indices))
  }

  /// Runs the forward pass.
  ///
  /// - Parameter overwriting: The input whose memory the output takes over, or for a loss the own
  ///   residuals that may; nil for memory of its own.
  func forward(overwriting: Int? = nil) {
    newStatistics = statistics
    var memory = GuardedMemory()
    let inputs = unsafe inputs.map { unsafe memory.floats($0) }
    let own = unsafe operation.ownResiduals(shapes).map { residual in
      if let overwriting, residual.mayOverwriteInput == overwriting {
        return unsafe UnsafeMutableRawPointer(inputs[overwriting])
      }
      return unsafe memory.bytes(residual.byteCount)
    }
    let takesOver = overwriting.map { operation.outputMayOverwrite(shapes).contains($0) } ?? false
    let outputCount = shapes.outputElementCount
    let output =
      takesOver
      ? unsafe inputs[overwriting ?? 0]
      : unsafe memory.floats([Float](repeating: .nan, count: outputCount))
    let updated = unsafe newStatistics.map { unsafe memory.floats($0) }
    let report = unsafe memory.report()
    unsafe operation.forward(
      ForwardPass(
        engine: engine, shapes: shapes, mode: mode, inputs: inputs.map { unsafe UnsafePointer($0) },
        output: operation.isLoss ? nil : output,
        residuals: own.map { unsafe $0 }, parameters: memory.constants(parameters),
        runningStatistics: memory.constants(statistics),
        newRunningStatistics: mode == .training ? updated : nil,
        labels: memory.labels(labels), targets: memory.floats(targets), report: report,
        seed: seed,
        scratch: memory.bytes(
          operation.scratchByteCount(.forward, shapes, threadCount: engine.threadCount))))
    self.output = unsafe Array(UnsafeBufferPointer(start: output, count: outputCount))
    newStatistics = unsafe zip(updated, newStatistics).map {
      unsafe Array(UnsafeBufferPointer(start: $0, count: $1.count))
    }
    residuals = unsafe zip(own, operation.ownResiduals(shapes)).map {
      unsafe Array(
        UnsafeRawBufferPointer(start: UnsafeRawPointer($0), count: $1.byteCount))
    }
    self.report = unsafe report.pointee
    overran = overran || memory.overran
  }

  /// Runs the backward pass.
  ///
  /// - Parameters:
  ///   - outputGradient: The gradient of the output.
  ///   - demand: The gradients that are wanted; all unless given.
  ///   - accumulate: Whether to add to gradients that are 1 everywhere.
  ///   - seed: The seed of sketches.
  ///   - representations: In which representation each need is found; whole unless given.
  ///   - overwriting: The input whose gradient takes over the memory that the operation allows; nil
  ///     for memory of its own.
  func backward(
    outputGradient: [Float], demand: GradientDemand? = nil, accumulate: Bool = false,
    seed: UInt64 = 0,
    representations: [Representation]? = nil, overwriting: Int? = nil
  ) {
    var memory = GuardedMemory()
    let start: Float = accumulate ? 1 : .nan
    let demand = demand ?? everything
    let needs = operation.residualNeeds(for: demand)
    let representations = representations ?? needs.map { _ in .whole }
    let views = zip(needs, representations).map { need, representation in
      view(of: need, as: representation, seed: seed, in: &memory)
    }
    let upstream = unsafe memory.floats(outputGradient)
    let destinations = unsafe inputs.indices.map { index -> UnsafeMutablePointer<Float>? in
      guard demand.inputs.contains(index) else { return nil }
      if index == overwriting {
        switch operation.inputGradientMayOverwrite(shapes) {
        case .none: break
        case .outputGradient: return unsafe upstream
        case .ownResidual(let own):
          if let view = views.first(where: { $0.source == .own(own) }) {
            return unsafe UnsafeMutablePointer(mutating: view.floats)
          }
        }
      }
      return unsafe memory.floats([Float](repeating: start, count: inputs[index].count))
    }
    let gradients = unsafe parameters.indices.map { index -> UnsafeMutablePointer<Float>? in
      guard demand.parameters.contains(index) else { return nil }
      return unsafe memory.floats([Float](repeating: start, count: parameters[index].count))
    }
    let pass = PassDirection.backward(demand, residuals: representations)
    unsafe operation.backward(
      BackwardPass(
        engine: engine, shapes: shapes,
        outputGradient: operation.isLoss ? nil : UnsafePointer(upstream), residuals: views,
        inputGradients: destinations.map { memory in
          unsafe memory.map { unsafe GradientDestination(memory: $0, accumulate: accumulate) }
        },
        parameters: memory.constants(parameters), parameterGradients: gradients,
        accumulatesParameterGradients: accumulate, labels: memory.labels(labels),
        lossWeight: lossWeight, seed: self.seed,
        scratch: memory.bytes(
          operation.scratchByteCount(pass, shapes, threadCount: engine.threadCount))))
    func values(_ pointer: UnsafeMutablePointer<Float>?, _ count: Int) -> [Float] {
      unsafe pointer.map { unsafe Array(UnsafeBufferPointer(start: $0, count: count)) } ?? []
    }
    inputGradients = unsafe zip(destinations, inputs).map { unsafe values($0, $1.count) }
    parameterGradients = unsafe zip(gradients, parameters).map { unsafe values($0, $1.count) }
    overran = overran || memory.overran
  }

  /// A residual in a representation, as the schedule's actions would make it.
  ///
  /// What is rebuilt before it is read is rebuilt here, and so is found whole.
  private func view(
    of need: ResidualNeed, as representation: Representation, seed: UInt64,
    in memory: inout GuardedMemory
  ) -> ResidualView {
    let (shape, values): (Shape, [Float])
    switch need.source {
    case .input(let index): (shape, values) = (shapes.inputs[index], inputs[index])
    case .output: (shape, values) = (shapes.output, output)
    case .own(let index):
      return unsafe ResidualView(
        source: need.source, representation: .whole,
        memory: UnsafeRawPointer(memory.copy(residuals[index])), seed: seed)
    }
    let batchSize = shapes.batchSize
    let whole = unsafe memory.floats(values)
    guard representation != .whole else {
      return unsafe ResidualView(
        source: need.source, representation: .whole, memory: UnsafeRawPointer(whole), seed: seed)
    }
    func encode(_ representation: Representation) -> UnsafeMutableRawPointer {
      let encoded = unsafe memory.bytes(
        representation.byteCount(of: shape, batchSize: batchSize))
      unsafe representation.encode(
        UnsafePointer(whole), shape: shape, batchSize: batchSize,
        mask: operation.outputMask ?? .positive, into: encoded, seed: seed, engine: engine,
        scratch: memory.bytes(
          representation.encodingScratchByteCount(
            of: shape, batchSize: batchSize, threadCount: engine.threadCount)))
      return unsafe encoded
    }
    let encoded = unsafe encode(representation)
    guard representation.isDecoded else {
      let mask = representation.readsMask ? unsafe encode(.signMask) : nil
      return unsafe ResidualView(
        source: need.source, representation: representation, memory: UnsafeRawPointer(encoded),
        seed: seed,
        mask: mask.map { unsafe UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) })
    }
    let rebuilt = unsafe memory.floats([Float](repeating: .nan, count: values.count))
    unsafe representation.decode(
      UnsafeRawPointer(encoded), shape: shape, batchSize: batchSize, into: rebuilt, engine: engine)
    return unsafe ResidualView(
      source: need.source, representation: .whole, memory: UnsafeRawPointer(rebuilt), seed: seed)
  }
}
