import Kernels

/// Turns a map into a vector in the order (channels, spatial…), as PyTorch does.
///
/// Maps lie in memory with the channels innermost, so their elements are transposed; a map of one
/// pixel or one channel stays as it is.
public struct Flatten: NetworkOperation {
  /// Creates a flattening.
  public init() {}

  /// The kind `flatten`.
  public var kind: String { "flatten" }

  /// A vector of all elements.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    Shape(channels: try onlyInput(inputs).elementCount)
  }

  /// None: it only moves.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// The input, if its order stays.
  public func outputMayOverwrite(_ shapes: NodeShapes) -> [Int] {
    keepsOrder(shapes) ? [0] : []
  }

  /// The output's gradient, if the order stays.
  public func inputGradientMayOverwrite(_ shapes: NodeShapes) -> GradientStorage {
    keepsOrder(shapes) ? .outputGradient : .none
  }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Transposes every sample.
  public func forward(_ pass: ForwardPass) {
    let input = unsafe pass.inputs[0]
    let output = unsafe pass.output.unwrapped
    let shape = pass.shapes.inputs[0]
    if keepsOrder(pass.shapes) {
      if unsafe input != UnsafePointer(output) {
        unsafe pass.engine.copy(input, into: output, count: pass.shapes.outputElementCount)
      }
    } else {
      unsafe pass.engine.transposeMaps(
        input: input, output: output, batch: pass.shapes.batchSize, rows: shape.pixelCount,
        columns: shape.channels)
    }
  }

  /// Transposes the gradient back.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    let source = unsafe pass.outputGradient.unwrapped
    let shape = pass.shapes.inputs[0]
    let count = pass.shapes.outputElementCount
    if keepsOrder(pass.shapes) {
      if destination.accumulate {
        unsafe pass.engine.accumulate(source, into: destination.memory, count: count)
      } else if unsafe UnsafePointer(destination.memory) != source {
        unsafe pass.engine.copy(source, into: destination.memory, count: count)
      }
    } else if destination.accumulate {
      // Rare: some other node reads the map too.
      for index in 0..<count {
        let (sample, position) = index.quotientAndRemainder(dividingBy: shape.elementCount)
        let (pixel, channel) = position.quotientAndRemainder(dividingBy: shape.channels)
        let flat = sample * shape.elementCount + channel * shape.pixelCount + pixel
        unsafe destination.memory[index] += source[flat]
      }
    } else {
      unsafe pass.engine.transposeMaps(
        input: source, output: destination.memory, batch: pass.shapes.batchSize,
        rows: shape.channels, columns: shape.pixelCount)
    }
  }

  private func keepsOrder(_ shapes: NodeShapes) -> Bool {
    shapes.inputs[0].pixelCount == 1 || shapes.inputs[0].channels == 1
  }
}
