import Kernels

/// How a residual waits between the forward and the backward pass.
public enum Representation: Hashable, Sendable {
  /// The value itself, 32-bit floats.
  case whole
  /// One bit an element: whether the value is positive.
  case signMask
  /// A randomized sketch, from which weight gradients can be estimated.
  case sketch(SketchMethod)

  /// The kinds of representation, without their settings.
  public enum Kind: Hashable, Sendable {
    case whole
    case signMask
    case sketch
  }

  /// The kind of this representation.
  public var kind: Kind {
    switch self {
    case .whole: .whole
    case .signMask: .signMask
    case .sketch: .sketch
    }
  }

  /// The bytes that a batch of values takes in this representation.
  public func byteCount(of shape: Shape, batchSize: Int) -> Int {
    switch self {
    case .whole: shape.byteCount(batchSize: batchSize)
    case .signMask: (batchSize * shape.elementCount + 7) / 8
    case .sketch(let method):
      method.byteCount(
        batchSize: batchSize, pixelCount: shape.pixelCount, channels: shape.channels)
    }
  }
}

extension Representation: CustomStringConvertible {
  /// As reports name it: `whole`, `mask`, `sketch(gaussian:16)`.
  public var description: String {
    switch self {
    case .whole: "whole"
    case .signMask: "mask"
    case .sketch(let method): "sketch(\(method.estimator):\(method.size))"
    }
  }
}
