import Kernels

/// A residual as the backward pass finds it.
@safe public struct ResidualView {
  /// Where the operation said that it comes from.
  public let source: ResidualNeed.Source
  /// How it is represented.
  public let representation: Representation
  /// Its memory.
  public let memory: UnsafeRawPointer
  /// The seed of its sketch, for a sketch.
  public let seed: UInt64
  /// The signs of the value, for a sketch that uses them.
  public let mask: UnsafePointer<UInt8>?

  /// Creates a view.
  public init(
    source: ResidualNeed.Source, representation: Representation, memory: UnsafeRawPointer,
    seed: UInt64, mask: UnsafePointer<UInt8>? = nil
  ) {
    self.source = source
    unsafe self.mask = mask
    self.representation = representation
    unsafe self.memory = memory
    self.seed = seed
  }

  /// The memory as floats.
  public var floats: UnsafePointer<Float> {
    unsafe memory.assumingMemoryBound(to: Float.self)
  }
}

/// Where the gradient of one input goes.
@safe public struct GradientDestination {
  /// The memory; it may be that of the output's gradient or of an own residual.
  public let memory: UnsafeMutablePointer<Float>
  /// Whether to add to what is there instead of overwriting it.
  public let accumulate: Bool

  /// Creates a destination.
  public init(memory: UnsafeMutablePointer<Float>, accumulate: Bool) {
    unsafe self.memory = memory
    self.accumulate = accumulate
  }
}

/// Everything that the backward pass of one node works on; the pass owns none of it.
@safe public struct BackwardPass {
  /// Runs the kernels.
  public let engine: Engine
  /// The shapes around the node.
  public var shapes: NodeShapes
  /// The gradient of the output; nil for a loss, which starts the gradients.
  public let outputGradient: UnsafePointer<Float>?
  /// The slope of a rectifier behind the operation, whose gradient is to be taken first; only for an
  /// operation that fuses one.
  public let rectifierSlope: Float?
  /// What the operation asked for in `residualNeeds`, in that order.
  public let residuals: [ResidualView]
  /// For every input, where its gradient goes; nil where none is needed.
  public var inputGradients: [GradientDestination?]
  /// The values of the parameters.
  public let parameters: [UnsafePointer<Float>]
  /// For every parameter, where its gradient goes; nil where none is wanted.
  public let parameterGradients: [UnsafeMutablePointer<Float>?]
  /// Whether to add to the gradients of the parameters instead of overwriting them.
  public let accumulatesParameterGradients: Bool
  /// The classes of the batch; nil if no loss of the network reads any.
  public let labels: UnsafePointer<Int32>?
  /// For a loss, what its gradient is multiplied by: its weight, and its share of a batch that runs in
  /// parts.
  public let lossWeight: Float
  /// The seed of the node's random numbers in this step: that of its forward pass.
  public let seed: UInt64
  /// Scratch of the size that the operation asked for.
  public let scratch: UnsafeMutableRawPointer

  /// Gathers what one backward pass works on.
  public init(
    engine: Engine, shapes: NodeShapes, outputGradient: UnsafePointer<Float>?,
    rectifierSlope: Float? = nil, residuals: [ResidualView], inputGradients: [GradientDestination?],
    parameters: [UnsafePointer<Float>], parameterGradients: [UnsafeMutablePointer<Float>?],
    accumulatesParameterGradients: Bool, labels: UnsafePointer<Int32>?, lossWeight: Float = 1,
    seed: UInt64,
    scratch: UnsafeMutableRawPointer
  ) {
    self.engine = engine
    self.shapes = shapes
    unsafe self.outputGradient = outputGradient
    self.rectifierSlope = rectifierSlope
    self.residuals = residuals
    self.inputGradients = inputGradients
    unsafe self.parameters = parameters
    unsafe self.parameterGradients = parameterGradients
    self.accumulatesParameterGradients = accumulatesParameterGradients
    unsafe self.labels = labels
    self.lossWeight = lossWeight
    self.seed = seed
    unsafe self.scratch = scratch
  }

  /// The gradients that are wanted.
  public var demand: GradientDemand {
    unsafe GradientDemand(
      inputs: Set(inputGradients.indices.filter { inputGradients[$0] != nil }),
      parameters: Set(parameterGradients.indices.filter { unsafe parameterGradients[$0] != nil }))
  }

  /// What the operation asked for from this source.
  public func residual(_ source: ResidualNeed.Source) -> ResidualView {
    residuals.first { $0.source == source }.unwrapped
  }
}
