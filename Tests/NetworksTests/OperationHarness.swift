import Kernels
import Networks

/// Runs the passes of one operation on memory of its own, as a schedule would.
///
/// Scratch and own residuals are exactly as large as the operation says, with a guard behind each.
@safe final class OperationHarness {
  let operation: any NetworkOperation
  let shapes: NodeShapes
  let engine: Engine
  var inputs: [[Float]]
  var parameters: [[Float]]
  var statistics: [[Float]] = []
  var labels: [Int32] = [0]
  var mode = Mode.training
  /// The seed of the passes.
  var seed: UInt64 = 0

  private(set) var output: [Float] = []
  private(set) var newStatistics: [[Float]] = []
  private(set) var report = LossReport()
  private(set) var residuals: [[UInt8]] = []
  private(set) var inputGradients: [[Float]] = []
  private(set) var parameterGradients: [[Float]] = []
  /// Whether a pass wrote behind memory that it was given.
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

  func forward() {
    output = [Float](repeating: .nan, count: max(1, shapes.outputElementCount))
    newStatistics = statistics
    var memory = Arena()
    let own = unsafe operation.ownResiduals(shapes).map { unsafe memory.bytes($0.byteCount) }
    let inputs = unsafe inputs.map { unsafe UnsafePointer(memory.floats($0)) }
    let output = unsafe memory.floats(output)
    let updated = unsafe newStatistics.map { unsafe memory.floats($0) }
    let report = unsafe memory.report()
    unsafe operation.forward(
      ForwardPass(
        engine: engine, shapes: shapes, mode: mode, inputs: inputs, output: output,
        residuals: own.map { unsafe $0 }, parameters: memory.constants(parameters),
        runningStatistics: memory.constants(statistics),
        newRunningStatistics: mode == .training ? updated : nil,
        labels: memory.labels(labels), report: report, seed: seed,
        scratch: memory.bytes(
          operation.scratchByteCount(.forward, shapes, threadCount: engine.threadCount))))
    self.output = unsafe Array(
      UnsafeBufferPointer(start: output, count: max(1, shapes.outputElementCount)))
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

  /// Runs the backward pass; with `accumulate` into gradients that start at 1.
  func backward(outputGradient: [Float], accumulate: Bool = false, seed: UInt64 = 0) {
    var memory = Arena()
    let start: Float = accumulate ? 1 : .nan
    let destinations = unsafe inputs.map { input in
      unsafe memory.floats([Float](repeating: start, count: input.count))
    }
    let gradients = unsafe parameters.map { values in
      unsafe memory.floats([Float](repeating: start, count: values.count))
    }
    let demand = GradientDemand.everything(
      inputCount: inputs.count, parameterCount: parameters.count)
    let needs = operation.residualNeeds(for: demand)
    let views = unsafe needs.map { need -> ResidualView in
      let source: UnsafeMutableRawPointer
      switch need.source {
      case .input(let index): unsafe source = UnsafeMutableRawPointer(memory.floats(inputs[index]))
      case .output: unsafe source = UnsafeMutableRawPointer(memory.floats(output))
      case .own(let index): unsafe source = memory.copy(residuals[index])
      }
      return unsafe ResidualView(
        source: need.source, representation: .whole, memory: UnsafeRawPointer(source), seed: seed)
    }
    let pass = PassDirection.backward(demand, residuals: needs.map { _ in .whole })
    unsafe operation.backward(
      BackwardPass(
        engine: engine, shapes: shapes,
        outputGradient: UnsafePointer(memory.floats(outputGradient)), residuals: views,
        inputGradients: destinations.map {
          unsafe GradientDestination(memory: $0, accumulate: accumulate)
        },
        parameters: memory.constants(parameters), parameterGradients: gradients,
        accumulatesParameterGradients: accumulate, labels: memory.labels(labels), seed: self.seed,
        scratch: memory.bytes(
          operation.scratchByteCount(pass, shapes, threadCount: engine.threadCount))))
    inputGradients = unsafe zip(destinations, inputs).map {
      unsafe Array(UnsafeBufferPointer(start: $0, count: $1.count))
    }
    parameterGradients = unsafe zip(gradients, parameters).map {
      unsafe Array(UnsafeBufferPointer(start: $0, count: $1.count))
    }
    overran = overran || memory.overran
  }
}

/// Memory of one pass, with a guard behind each piece; freed as a whole.
@safe private struct Arena: ~Copyable {
  private static let guardByte: UInt8 = 0xA5
  private static let guardCount = 64
  private var pieces: [(start: UnsafeMutableRawPointer, count: Int)] = unsafe []

  deinit {
    unsafe pieces.forEach { unsafe $0.start.deallocate() }
  }

  mutating func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: count + Arena.guardCount, alignment: 64)
    unsafe (start + count).initializeMemory(
      as: UInt8.self, repeating: Arena.guardByte, count: Arena.guardCount)
    unsafe pieces.append((start, count))
    return unsafe start
  }

  mutating func copy(_ values: [UInt8]) -> UnsafeMutableRawPointer {
    let start = unsafe bytes(values.count)
    unsafe values.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(start: start, count: values.count).copyMemory(
        from: source)
    }
    return unsafe start
  }

  mutating func floats(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    let start = unsafe bytes(values.count * 4).bindMemory(to: Float.self, capacity: values.count)
    unsafe start.initialize(from: values, count: values.count)
    return unsafe start
  }

  mutating func constants(_ lists: [[Float]]) -> [UnsafePointer<Float>] {
    var pointers: [UnsafePointer<Float>] = unsafe []
    for list in lists { unsafe pointers.append(UnsafePointer(floats(list))) }
    return unsafe pointers
  }

  mutating func labels(_ values: [Int32]) -> UnsafePointer<Int32> {
    let start = unsafe bytes(values.count * 4).bindMemory(to: Int32.self, capacity: values.count)
    unsafe start.initialize(from: values, count: values.count)
    return unsafe UnsafePointer(start)
  }

  mutating func report() -> UnsafeMutablePointer<LossReport> {
    let start = unsafe bytes(MemoryLayout<LossReport>.stride)
      .bindMemory(to: LossReport.self, capacity: 1)
    unsafe start.initialize(to: LossReport())
    return unsafe start
  }

  /// Whether something was written behind a piece.
  var overran: Bool {
    unsafe pieces.contains { piece in
      unsafe UnsafeRawBufferPointer(
        start: UnsafeRawPointer(piece.start + piece.count), count: Arena.guardCount
      ).contains { $0 != Arena.guardByte }
    }
  }
}
