import Kernels

extension TransposedConvolution {
  /// The kind `convt`.
  public var kind: String { "convt" }

  /// The larger map, with the output channels.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    let extent = try mirrored(input: input, batchSize: 1).inputExtent
    let spatial = [extent.depth, extent.height, extent.width].suffix(input.spatial.count)
    return Shape(spatial: Array(spatial), channels: outputChannels)
  }

  /// The weights `w`, and `b` if there is a bias.
  ///
  /// An output is the sum of as many products as there are input channels in a group and taps of the
  /// kernel that meet it: the starting values allow for those.
  public func parameters(for inputs: [Shape]) -> [ParameterDescription] {
    guard let input = inputs.first,
      let kernel = try? kernel.expanded(axes: input.spatial.count, of: "kernel"),
      let stride = try? stride.expanded(axes: input.spatial.count, of: "stride")
    else { return [] }
    let taps = zip(kernel, stride).reduce(1) { $0 * (($1.0 + $1.1 - 1) / $1.1) }
    let fanIn = taps * (input.channels / groups)
    let weights = ParameterDescription(
      name: "w", shape: kernel + [outputChannels / groups, input.channels],
      layout: .transposedConvolution, role: .weights, initializer: .heUniform(fanIn: fanIn))
    let bias = ParameterDescription(
      name: "b", shape: [outputChannels], layout: .vector, role: .bias,
      initializer: .uniform(fanIn: fanIn))
    return hasBias ? [weights, bias] : [weights]
  }

  /// One for every tap, output channel of the group and input element.
  public func multiplyAccumulateCount(_ shapes: NodeShapes) -> Int {
    saturatingProduct(
      shapes.batchSize, shapes.inputs[0].pixelCount,
      parameters(for: shapes.inputs)[0].elementCount)
  }

  /// Two for every product with a weight, and one an output for the bias.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int {
    saturatingSum(
      saturatingProduct(2, multiplyAccumulateCount(shapes)),
      hasBias ? shapes.outputElementCount : 0)
  }

  /// Input and output; backward the output's gradient twice, the input and its gradient.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    pass == .forward ? shapes.inputAndOutputByteCount : 2 * shapes.inputAndOutputByteCount
  }

  /// The input, from which the gradient of the weights is computed.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] {
    demand.parameters.contains(0)
      ? [ResidualNeed(.input(0), accepted: [.whole, .quantized])] : []
  }

  /// What the kernels pack, and what the bias's gradient is added up in.
  public func scratchByteCount(
    _ pass: PassDirection, _ shapes: NodeShapes, threadCount: Int
  ) -> Int {
    let mirrored = mirrored(shapes)
    guard case .backward(let demand, _) = pass else {
      return mirrored.scratchByteCount(.backwardData, threadCount: threadCount)
    }
    var largest = 0
    if demand.parameters.contains(0) {
      largest = mirrored.scratchByteCount(.backwardWeights, threadCount: threadCount)
    }
    if demand.parameters.contains(1) {
      let sums = Engine.channelSumScratchByteCount(
        rows: shapes.outputPixelCount, channels: outputChannels, threadCount: threadCount)
      largest = max(largest, sums)
    }
    if !demand.inputs.isEmpty {
      largest = max(largest, mirrored.scratchByteCount(.forward, threadCount: threadCount))
    }
    return largest
  }
}
