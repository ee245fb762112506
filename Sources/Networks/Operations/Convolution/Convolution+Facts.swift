import Kernels

extension Convolution {
  /// The kind `conv`.
  public var kind: String { "conv" }

  /// The map of window positions, with the output channels.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard input.channels <= Self.largestInputChannels else {
      throw ShapeError(
        "a convolution reads at most \(Self.largestInputChannels) channels, not \(input.channels)")
    }
    let extent = try geometry(input: input, batchSize: 1).outputExtent
    let spatial = [extent.depth, extent.height, extent.width].suffix(input.spatial.count)
    return Shape(spatial: Array(spatial), channels: outputChannels)
  }

  /// The weights `w`, and `b` if there is a bias.
  public func parameters(for inputs: [Shape]) -> [ParameterDescription] {
    guard let input = inputs.first,
      let kernel = try? kernel.expanded(axes: input.spatial.count, of: "kernel")
    else { return [] }
    let inputChannels = input.channels / groups
    let fanIn = kernel.reduce(inputChannels, *)
    let weights = ParameterDescription(
      name: "w", shape: kernel + [inputChannels, outputChannels], layout: .convolution,
      role: .weights, initializer: .heUniform(fanIn: fanIn))
    let bias = ParameterDescription(
      name: "b", shape: [outputChannels], layout: .vector, role: .bias,
      initializer: .uniform(fanIn: fanIn))
    return hasBias ? [weights, bias] : [weights]
  }

  /// One for every tap, input channel of the group and output element.
  public func multiplyAccumulateCount(_ shapes: NodeShapes) -> Int {
    saturatingProduct(
      shapes.batchSize, shapes.output.pixelCount, parameters(for: shapes.inputs)[0].elementCount)
  }

  /// Two for every product with a weight, and one an output for the bias.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    saturatingSum(
      saturatingProduct(2, multiplyAccumulateCount(shapes)),
      hasBias ? shapes.outputElementCount : 0)
  }

  /// Input and output; backward the output's gradient twice, the input and its gradient.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    let both = (shapes.inputs + [shapes.output]).reduce(0) {
      $0 + $1.byteCount(batchSize: shapes.batchSize)
    }
    return pass == .forward ? both : 2 * both
  }

  /// The input, from which the gradient of the weights is computed or, from a sketch, estimated.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    demand.parameters.contains(0)
      ? [ResidualNeed(.input(0), accepted: [.whole, .sketch, .quantized])] : []
  }

  /// What the kernels pack; for a sketched input, what the estimator works in.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    let geometry = geometry(shapes)
    switch pass {
    case .forward:
      return geometry.scratchByteCount(.forward, threadCount: threadCount)
    case .backward(let demand, let residuals):
      let data =
        !demand.inputs.isEmpty
        ? geometry.scratchByteCount(.backwardData, threadCount: threadCount) : 0
      let weights =
        switch residuals.first {
        case .sketch(let description):
          description.gradientScratchByteCount(for: geometry, threadCount: threadCount)
        case nil:
          demand.parameters.isEmpty
            ? 0
            : Engine.channelSumScratchByteCount(
              rows: shapes.batchSize * shapes.output.pixelCount, channels: shapes.output.channels,
              threadCount: threadCount)
        default:
          geometry.scratchByteCount(.backwardWeights, threadCount: threadCount)
        }
      return max(data, weights)
    }
  }
}
