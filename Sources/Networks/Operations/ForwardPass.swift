import Kernels

/// Whether a forward pass belongs to training or to inference.
public enum Mode: Hashable, Sendable {
  /// Batch statistics are computed and running statistics updated.
  case training
  /// Running statistics are used.
  case inference
}

/// Everything that the forward pass of one node works on; the pass owns none of it.
@safe public struct ForwardPass {
  /// Runs the kernels.
  public let engine: Engine
  /// The shapes around the node.
  public var shapes: NodeShapes
  /// Training or inference.
  public let mode: Mode
  /// The inputs' values.
  public let inputs: [UnsafePointer<Float>]
  /// Where the output goes, possibly the memory of an input; a loss has none.
  public let output: UnsafeMutablePointer<Float>?
  /// The slope of a rectifier to apply to the output in the same pass; only for an operation that
  /// fuses one.
  public let rectifierSlope: Float?
  /// Where the mask of the output goes, one bit an element, if it is to be written in the same pass;
  /// only for an operation that has an `outputMask` or fuses a rectifier.
  public let signMask: UnsafeMutablePointer<UInt8>?
  /// Makes the sketches of the output's samples, if that is to be done in the same pass; only for an
  /// operation that `sketchesOutput`.
  public let sketching: SampleSketching?
  /// Where the own residuals go; nil for one that nobody will read.
  public let residuals: [UnsafeMutableRawPointer?]
  /// The values of the parameters.
  public let parameters: [UnsafePointer<Float>]
  /// The running statistics.
  public let runningStatistics: [UnsafePointer<Float>]
  /// Where new running statistics go, in training; nil when a node is recomputed, since they are
  /// updated once a step.
  public let newRunningStatistics: [UnsafeMutablePointer<Float>]?
  /// The classes of the batch; nil if no loss of the network reads any.
  public let labels: UnsafePointer<Int32>?
  /// The numbers that this loss compares its input with, if it wants some of the batch.
  public let targets: UnsafePointer<Float>?
  /// Where a loss reports.
  public let report: UnsafeMutablePointer<LossReport>
  /// The seed of the node's random numbers in this step: that of its backward pass too, and of every
  /// pass that computes the output again.
  public let seed: UInt64
  /// Scratch of the size that the operation asked for.
  public let scratch: UnsafeMutableRawPointer

  /// Gathers what one forward pass works on.
  public init(
    engine: Engine, shapes: NodeShapes, mode: Mode, inputs: [UnsafePointer<Float>],
    output: UnsafeMutablePointer<Float>?, rectifierSlope: Float? = nil,
    signMask: UnsafeMutablePointer<UInt8>? = nil, sketching: SampleSketching? = nil,
    residuals: [UnsafeMutableRawPointer?],
    parameters: [UnsafePointer<Float>], runningStatistics: [UnsafePointer<Float>],
    newRunningStatistics: [UnsafeMutablePointer<Float>]?, labels: UnsafePointer<Int32>?,
    targets: UnsafePointer<Float>? = nil,
    report: UnsafeMutablePointer<LossReport>, seed: UInt64,
    scratch: UnsafeMutableRawPointer
  ) {
    self.engine = engine
    self.shapes = shapes
    self.mode = mode
    unsafe self.inputs = inputs
    unsafe self.output = output
    self.rectifierSlope = rectifierSlope
    unsafe self.signMask = signMask
    self.sketching = sketching
    unsafe self.residuals = residuals
    unsafe self.parameters = parameters
    unsafe self.runningStatistics = runningStatistics
    unsafe self.newRunningStatistics = newRunningStatistics
    unsafe self.labels = labels
    unsafe self.targets = targets
    unsafe self.report = report
    self.seed = seed
    unsafe self.scratch = scratch
  }
}
