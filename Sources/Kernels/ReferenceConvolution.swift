import KernelInterface

/// Convolutions straight from their definition, one number at a time, in double precision.
///
/// The oracle of the kernels for any geometry; and what runs where a window spans so much that its
/// numbers do not fit the scratch.
package struct ReferenceConvolution {
  private let geometry: ConvolutionGeometry

  /// Creates the reference for a geometry.
  package init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
  }

  /// Computes the output.
  package func forward(
    input: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    output: UnsafeMutablePointer<Float>, accumulate: Bool = false
  ) {
    forEachOutput { image, group, position, channel, index in
      var sum =
        unsafe accumulate
        ? Double(output[index]) : bias.map { unsafe Double($0[channel]) } ?? 0
      forEachTerm(image, group, position, channel) { inputIndex, weightIndex in
        unsafe sum += Double(input[inputIndex]) * Double(weights[weightIndex])
      }
      unsafe output[index] = Float(sum)
    }
  }

  /// Computes the gradient of the input, one number at a time.
  package func backwardData(
    outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>? = nil, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    let input = geometry.inputExtent
    let channels = geometry.groupInputChannels
    var index = 0
    for image in 0..<geometry.batchSize {
      forEach(in: input) { position in
        for channel in 0..<geometry.inputChannels {
          var sum =
            unsafe accumulate
            ? Double(inputGradient[index]) : bias.map { unsafe Double($0[channel]) } ?? 0
          forEach(in: geometry.kernelExtent) { tap in
            guard
              let depth = output(.depth, position, tap),
              let height = output(.height, position, tap),
              let width = output(.width, position, tap)
            else { return }
            let pixel = offset(
              image, Extent3(depth: depth, height: height, width: width), geometry.outputExtent)
            let row =
              offset(0, tap, geometry.kernelExtent) * channels + channel % channels
            let first = channel / channels * geometry.groupOutputChannels
            for output in first..<first + geometry.groupOutputChannels {
              unsafe sum +=
                Double(outputGradient[pixel * geometry.outputChannels + output])
                * Double(weights[row * geometry.outputChannels + output])
            }
          }
          unsafe inputGradient[index] = Float(sum)
          index += 1
        }
      }
    }
  }

  /// Computes the gradients of weights and bias, one number at a time.
  package func backwardWeights(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    accumulate: Bool
  ) {
    var index = 0
    forEach(in: geometry.kernelExtent) { tap in
      for channel in 0..<geometry.groupInputChannels {
        for output in 0..<geometry.outputChannels {
          let group = output / geometry.groupOutputChannels
          var sum = unsafe accumulate ? Double(weightGradient[index]) : 0
          for image in 0..<geometry.batchSize {
            forEach(in: geometry.outputExtent) { position in
              guard let source = inputOffset(image, position, tap) else { return }
              let number =
                source * geometry.inputChannels + group * geometry.groupInputChannels + channel
              let pixel = offset(image, position, geometry.outputExtent)
              unsafe sum +=
                Double(input[number])
                * Double(outputGradient[pixel * geometry.outputChannels + output])
            }
          }
          unsafe weightGradient[index] = Float(sum)
          index += 1
        }
      }
    }
    guard let biasGradient = unsafe biasGradient else { return }
    let positions = geometry.batchSize * geometry.outputExtent.volume
    for output in 0..<geometry.outputChannels {
      var sum = unsafe accumulate ? Double(biasGradient[output]) : 0
      for position in 0..<positions {
        unsafe sum += Double(outputGradient[position * geometry.outputChannels + output])
      }
      unsafe biasGradient[output] = Float(sum)
    }
  }
}

extension ReferenceConvolution {
  private func forEachOutput(
    _ body: (_ image: Int, _ group: Int, _ position: Extent3, _ channel: Int, _ index: Int) -> Void
  ) {
    var index = 0
    for image in 0..<geometry.batchSize {
      forEach(in: geometry.outputExtent) { position in
        for channel in 0..<geometry.outputChannels {
          body(image, channel / geometry.groupOutputChannels, position, channel, index)
          index += 1
        }
      }
    }
  }

  /// Calls `body` with the indices of the input and of the weight of every product of an output.
  private func forEachTerm(
    _ image: Int, _ group: Int, _ position: Extent3, _ output: Int, _ body: (Int, Int) -> Void
  ) {
    let channels = geometry.groupInputChannels
    forEach(in: geometry.kernelExtent) { tap in
      guard let source = inputOffset(image, position, tap) else { return }
      let number = source * geometry.inputChannels + group * channels
      let row = offset(0, tap, geometry.kernelExtent) * channels
      for channel in 0..<channels {
        body(number + channel, (row + channel) * geometry.outputChannels + output)
      }
    }
  }

  private func forEach(in extent: Extent3, _ body: (Extent3) -> Void) {
    for depth in 0..<extent.depth {
      for height in 0..<extent.height {
        for width in 0..<extent.width {
          body(Extent3(depth: depth, height: height, width: width))
        }
      }
    }
  }

  private func offset(_ image: Int, _ position: Extent3, _ extent: Extent3) -> Int {
    ((image * extent.depth + position.depth) * extent.height + position.height) * extent.width
      + position.width
  }

  /// The pixel that a tap of a window reads; none outside the map.
  private func inputOffset(_ image: Int, _ position: Extent3, _ tap: Extent3) -> Int? {
    func coordinate(_ axis: SpatialAxis) -> Int {
      position[axis] * geometry.stride[axis]
        - geometry.paddingBefore[axis]
        + tap[axis] * geometry.dilation[axis]
    }
    let source = Extent3(
      depth: coordinate(.depth), height: coordinate(.height), width: coordinate(.width))
    let extent = geometry.inputExtent
    guard
      (0..<extent.depth).contains(source.depth), (0..<extent.height).contains(source.height),
      (0..<extent.width).contains(source.width)
    else { return nil }
    return offset(image, source, extent)
  }

  /// The window along one axis that reads an input position with a given tap, if there is one.
  private func output(
    _ axis: SpatialAxis, _ position: Extent3, _ tap: Extent3
  ) -> Int? {
    let distance =
      position[axis] + geometry.paddingBefore[axis]
      - tap[axis] * geometry.dilation[axis]
    let step = geometry.stride[axis]
    guard
      distance >= 0, distance % step == 0, distance / step < geometry.outputExtent[axis]
    else { return nil }
    return distance / step
  }
}
