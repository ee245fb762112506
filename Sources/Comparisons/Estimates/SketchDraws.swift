import KernelInterface
import Kernels
import MemoryLedger
import Networks

/// Draws sketches of a convolution's input, and compares what they give with the exact gradient.
struct SketchDraws {
  /// What the draws had in common.
  struct Errors {
    var squaredNorm = 0.0
    var squaredError = 0.0
    var predictedSquaredError = 0.0
    var product = 0.0
    var estimateSquaredNorm = 0.0
  }

  let engine: Engine
  let ledger: Ledger
  let seed: UInt64
  let count: Int

  /// The errors of a sketch on what a backward pass works on.
  ///
  /// Takes memory for the sketch, its scratch and two gradients while it runs.
  ///
  /// - Throws: `MemoryBudgetExceeded` if the system has no memory left.
  func errors(
    of sketch: SketchDescription, _ node: Node, _ pass: BackwardPass
  ) throws -> Errors {
    guard let geometry = try node.convolutionGeometry(batchSize: pass.shapes.batchSize),
      let outputGradient = unsafe pass.outputGradient
    else { preconditionFailure("\(node.name) is a convolution behind which a loss lies") }
    let input = unsafe pass.residuals[0].floats
    let threads = engine.threadCount
    func block(_ byteCount: Int) throws -> MemoryBlock {
      try ledger.allocate(
        byteCount: byteCount, category: .workspace, owner: MemoryOwner(index: node.id))
    }
    // A sketch depends on the map alone, whatever convolutions read it.
    let map = node.inputShapes[0].sketchGeometry(batchSize: geometry.batchSize)
    let gradientByteCount = geometry.weightCount * MemoryLayout<Float>.size
    let exactBlock = try block(gradientByteCount)
    let estimateBlock = try block(gradientByteCount)
    let stored = try block(sketch.byteCount(for: map))
    let scratch = try block(
      max(
        geometry.scratchByteCount(.backwardWeights, threadCount: threads),
        sketch.sketchScratchByteCount(for: map, threadCount: threads),
        sketch.gradientScratchByteCount(for: geometry, threadCount: threads)))
    let signs = try block((geometry.inputCount + 7) / 8)
    let mask = unsafe signs.pointer.assumingMemoryBound(to: UInt8.self)
    if sketch.usesMask {
      unsafe engine.packSigns(of: input, into: mask, count: geometry.inputCount)
    }
    let exact = unsafe exactBlock.pointer.assumingMemoryBound(to: Float.self)
    let estimate = unsafe estimateBlock.pointer.assumingMemoryBound(to: Float.self)
    unsafe engine.convolveBackwardWeights(
      geometry, input: input, outputGradient: outputGradient, weightGradient: exact,
      biasGradient: nil, accumulate: false, scratch: scratch.pointer)
    var errors = Errors()
    for draw in 0..<count {
      let drawn = sketch.seeded(RandomStream.word(seed, node.id * count + draw))
      unsafe engine.sketch(
        drawn, map, input: input, into: stored.pointer, scratch: scratch.pointer)
      unsafe engine.sketchedBackwardWeights(
        drawn, geometry, stored: UnsafeRawPointer(stored.pointer), outputGradient: outputGradient,
        weightGradient: estimate, biasGradient: nil,
        mask: sketch.usesMask ? UnsafePointer(mask) : nil, accumulate: false,
        scratch: scratch.pointer)
      unsafe errors.add(estimate, exact, count: geometry.weightCount, weight: 1 / Double(count))
    }
    errors.predictedSquaredError = unsafe SketchErrorPrediction(sketch, geometry)
      .squaredError(input: input, outputGradient: outputGradient)
    return errors
  }
}

extension SketchDraws.Errors {
  /// Adds a draw.
  fileprivate mutating func add(
    _ estimate: UnsafePointer<Float>, _ exact: UnsafePointer<Float>, count: Int, weight: Double
  ) {
    var sums = (norm: 0.0, error: 0.0, product: 0.0, estimate: 0.0)
    for index in 0..<count {
      let value = unsafe Double(estimate[index])
      let reference = unsafe Double(exact[index])
      sums.norm += reference * reference
      sums.error += (value - reference) * (value - reference)
      sums.product += value * reference
      sums.estimate += value * value
    }
    squaredNorm = sums.norm
    squaredError += sums.error * weight
    product += sums.product * weight
    estimateSquaredNorm += sums.estimate * weight
  }
}
