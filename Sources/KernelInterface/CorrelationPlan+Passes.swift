extension CorrelationPlan {
  /// The plan of the forward pass.
  package static func forward(_ geometry: ConvolutionGeometry) -> CorrelationPlan {
    let geometry = geometry.pointwiseFlattened
    var plan = CorrelationPlan(geometry, extents: (geometry.inputExtent, geometry.outputExtent)) {
      .forward(
        input: geometry.inputExtent[$0], output: geometry.outputExtent[$0],
        kernel: geometry.kernelExtent[$0], stride: geometry.stride[$0],
        padding: geometry.paddingBefore[$0], dilation: geometry.dilation[$0])
    }
    plan.sourceChannels = geometry.inputChannels
    plan.destinationChannels = geometry.outputChannels
    plan.weightSourceStride = geometry.outputChannels
    plan.chooseBlocks(LaneBlock.forward(geometry))
    return plan
  }

  /// The number of passes that the data gradient takes along each axis: one for each input position
  /// modulo the stride.
  package static func phases(_ geometry: ConvolutionGeometry) -> Extent3 {
    let geometry = geometry.pointwiseFlattened
    return Extent3(
      depth: min(geometry.stride.depth, geometry.inputExtent.depth),
      height: min(geometry.stride.height, geometry.inputExtent.height),
      width: LaneBlock.backward(geometry) == nil
        ? min(geometry.stride.width, geometry.inputExtent.width) : 1)
  }

  /// The plan of one phase of the data gradient.
  package static func backward(
    _ geometry: ConvolutionGeometry, phase: Extent3
  ) -> CorrelationPlan {
    let geometry = geometry.pointwiseFlattened
    var plan = CorrelationPlan(geometry, extents: (geometry.outputExtent, geometry.inputExtent)) {
      .backward(
        phase: phase[$0],
        input: geometry.inputExtent[$0], output: geometry.outputExtent[$0],
        kernel: geometry.kernelExtent[$0], stride: geometry.stride[$0],
        padding: geometry.paddingBefore[$0], dilation: geometry.dilation[$0])
    }
    plan.sourceChannels = geometry.outputChannels
    plan.destinationChannels = geometry.inputChannels
    plan.weightDestinationStride = geometry.outputChannels
    plan.chooseBlocks(LaneBlock.backward(geometry))
    return plan
  }

  /// What both passes have alike.
  private init(
    _ geometry: ConvolutionGeometry, extents: (source: Extent3, destination: Extent3),
    axis: (SpatialAxis) -> CorrelationAxis
  ) {
    batchSize = geometry.batchSize
    groups = geometry.groups
    sourceExtent = extents.source
    destinationExtent = extents.destination
    kernelExtent = geometry.kernelExtent
    depth = axis(.depth)
    height = axis(.height)
    width = axis(.width)
    weightGroupStride = geometry.groupOutputChannels
    weightTapStride = geometry.groupInputChannels * geometry.outputChannels
  }
}

extension ConvolutionGeometry {
  /// The same convolution with all positions of all images in one row, if every window is a single
  /// position of its own; else this one.
  package var pointwiseFlattened: ConvolutionGeometry {
    let one = Extent3(repeating: 1)
    let none = Extent3(repeating: 0)
    guard kernelExtent == one, stride == one, paddingBefore == none, paddingAfter == none else {
      return self
    }
    let row = Extent3(depth: 1, height: 1, width: batchSize * inputExtent.volume)
    let flattened = try? ConvolutionGeometry(
      batchSize: 1, inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
      inputExtent: row, kernelExtent: one)
    return flattened ?? self
  }
}
