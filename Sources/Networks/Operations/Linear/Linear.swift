import Kernels

/// A fully connected layer: y = x·w + b, with a bias unless told otherwise.
///
/// Its input is a vector a sample; put `Flatten` before it behind a map. Its parameters are `w` of
/// shape (inputs, outputs) and `b` of shape (outputs). The engine runs it as a convolution of maps
/// of one pixel.
public struct Linear: NetworkOperation {
  let outputs: Int
  let hasBias: Bool

  /// Creates a fully connected layer.
  ///
  /// - Parameters:
  ///   - outputs: The number of outputs a sample.
  ///   - bias: Whether a bias is added.
  public init(_ outputs: Int, bias: Bool = true) {
    self.outputs = outputs
    hasBias = bias
  }

  /// The convolution of one-pixel maps that computes the same.
  private var convolution: Convolution {
    Convolution(1, channels: outputs, bias: hasBias)
  }

  private func pixelShapes(_ shapes: NodeShapes) -> NodeShapes {
    NodeShapes(
      inputs: [Shape(1, channels: shapes.inputs[0].channels)],
      output: Shape(1, channels: outputs), batchSize: shapes.batchSize)
  }
}

extension Linear {
  /// The kind `fc`.
  public var kind: String { "fc" }

  /// A vector of the outputs.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard input.spatial.isEmpty else {
      throw ShapeError(
        "a linear layer reads vectors, not maps of \(input); put Flatten() or "
          + "GlobalAveragePooling() before it")
    }
    _ = try convolution.geometry(input: Shape(1, channels: input.channels), batchSize: 1)
    return Shape(channels: outputs)
  }

  /// The weights `w`, and `b` if there is a bias.
  public func parameters(for inputs: [Shape]) -> [ParameterDescription] {
    guard let input = inputs.first else { return [] }
    let weights = ParameterDescription(
      name: "w", shape: [input.channels, outputs], layout: .linear, role: .weights,
      initializer: .heUniform(fanIn: input.channels))
    let bias = ParameterDescription(
      name: "b", shape: [outputs], layout: .vector, role: .bias,
      initializer: .uniform(fanIn: input.channels))
    return hasBias ? [weights, bias] : [weights]
  }

  /// One for every input and output.
  public func multiplyAccumulateCount(_ shapes: NodeShapes) -> Int {
    convolution.multiplyAccumulateCount(pixelShapes(shapes))
  }

  /// Two for every input and output, and one an output for the bias.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    convolution.forwardFLOPs(pixelShapes(shapes))
  }

  /// The input.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    demand.parameters.contains(0)
      ? [ResidualNeed(.input(0), accepted: [.whole, .quantized])] : []
  }

  /// What the convolution kernels pack.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    convolution.scratchByteCount(pass, pixelShapes(shapes), threadCount: threadCount)
  }

  /// Multiplies the input by the weights and adds the bias.
  public func forward(_ pass: ForwardPass) {
    var pixels = pass
    pixels.shapes = pixelShapes(pass.shapes)
    convolution.forward(pixels)
  }

  /// Computes the gradients of weights, bias and input.
  public func backward(_ pass: BackwardPass) {
    var pixels = pass
    pixels.shapes = pixelShapes(pass.shapes)
    convolution.backward(pixels)
  }
}
