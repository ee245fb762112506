import Kernels

extension OperandSpread {
  /// How a value can be spread over another one; nil if it cannot.
  init?(of operand: Shape, over map: Shape) {
    if operand == map {
      self = .elements
    } else if operand.spatial.isEmpty, operand.channels == map.channels {
      self = .channels
    } else if operand.spatial == map.spatial, operand.channels == 1 {
      self = .pixels
    } else {
      return nil
    }
  }
}

extension NodeShapes {
  /// How the second input is spread over the first.
  var operandSpread: OperandSpread {
    guard let spread = OperandSpread(of: inputs[1], over: inputs[0]) else {
      preconditionFailure("the builder accepted \(inputs)")
    }
    return spread
  }

  /// A batch of the output.
  var outputExtent: MapExtent {
    MapExtent(batch: batchSize, pixels: output.pixelCount, channels: output.channels)
  }
}

extension NetworkOperation {
  /// The shape of the first of two inputs, over which the second can be spread.
  ///
  /// - Throws: `ShapeError` if there are not two inputs or they do not fit.
  func spreadShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 2 else {
      throw ShapeError("\(kind) reads two values, not \(inputs.count)")
    }
    guard OperandSpread(of: inputs[1], over: inputs[0]) != nil else {
      throw ShapeError(
        "it cannot \(kind) values of shapes \(inputs[0]) and \(inputs[1]): the second must have the "
          + "shape of the first, be a vector with its channels, or a map of its size with one channel"
      )
    }
    return inputs[0]
  }
}
