/// Floats with a shape, the last axis fastest.
package struct OracleTensor: Sendable, Equatable {
  /// The extents, the slowest axis first.
  package let shape: [Int]
  /// The elements.
  package let values: [Float]

  /// Creates a tensor; the shape must hold as many elements as there are values.
  package init(shape: [Int], values: [Float]) {
    precondition(
      shape.reduce(1, *) == values.count, "\(values.count) values for the shape \(shape)")
    self.shape = shape
    self.values = values
  }

  /// The largest magnitude of an element, 0 when there is none.
  package var largestMagnitude: Float { values.reduce(0) { max($0, abs($1)) } }

  /// The tensor with its axes in another order: new axis i is the former axis `axes[i]`.
  package func transposed(_ axes: [Int]) -> OracleTensor {
    precondition(axes.sorted() == Array(shape.indices), "\(axes) is no order of \(shape) axes")
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let newShape = axes.map { shape[$0] }
    let newStrides = axes.map { strides[$0] }
    var result: [Float] = []
    result.reserveCapacity(values.count)
    var index = Array(repeating: 0, count: shape.count)
    for _ in values.indices {
      result.append(values[zip(index, newStrides).reduce(0) { $0 + $1.0 * $1.1 }])
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < newShape[axis] { break }
        index[axis] = 0
      }
    }
    return OracleTensor(shape: newShape, values: result)
  }
}

// MARK: - From PyTorch's layouts to ours, and back

extension OracleTensor {
  /// Activations (N, C, spatial…) as (N, spatial…, C); tensors of rank 2 or less stay as they are.
  package func channelsLast() -> OracleTensor {
    guard shape.count > 2 else { return self }
    return transposed([0] + Array(2..<shape.count) + [1])
  }

  /// Activations (N, spatial…, C) as (N, C, spatial…).
  package func channelsFirst() -> OracleTensor {
    guard shape.count > 2 else { return self }
    return transposed([0, shape.count - 1] + Array(1..<shape.count - 1))
  }

  /// Convolution weights (K, C/groups, kernel…) as (kernel…, C/groups, K).
  package func convolutionWeights() -> OracleTensor {
    transposed(Array(2..<shape.count) + [1, 0])
  }

  /// Convolution weights (kernel…, C/groups, K) as (K, C/groups, kernel…).
  package func pyTorchConvolutionWeights() -> OracleTensor {
    transposed([shape.count - 1, shape.count - 2] + Array(0..<shape.count - 2))
  }

  /// Linear weights (out, in) as (in, out), or the way back: the same transposition.
  package func linearWeights() -> OracleTensor { transposed([1, 0]) }

  /// Linear weights (out, in) after a flattening of (C, spatial…), for one of (spatial…, C).
  ///
  /// - Parameter map: The extents (C, spatial…) of the map that is flattened.
  /// - Returns: Weights (in, out) with the inputs in our order.
  package func linearWeights(afterFlattening map: [Int]) -> OracleTensor {
    precondition(shape.count == 2 && map.reduce(1, *) == shape[1], "\(map) is not \(shape[1]) long")
    let inputs = OracleTensor(shape: [shape[0]] + map, values: values).channelsLast()
    return OracleTensor(shape: shape, values: inputs.values).linearWeights()
  }
}
