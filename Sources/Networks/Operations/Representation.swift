import Kernels

/// How a residual waits between the forward and the backward pass.
public enum Representation: Hashable, Sendable {
  /// The value itself, 32-bit floats.
  case whole
  /// One bit an element: what the `outputMask` of the operation tells, or whether the value is positive.
  case signMask
  /// A randomized sketch, from which weight gradients can be estimated.
  case sketch(SketchDescription)
  /// A few bits an element, from which the values are rebuilt before they are read.
  case quantized(Quantization)
  /// In a file; the values go there and come back through so many bytes of staging memory.
  case spilled(stagingByteCount: Int)

  /// The kinds of representation, without their settings.
  public enum Kind: Hashable, Sendable {
    case whole
    case signMask
    case sketch
    case quantized
    case spilled
  }

  /// The kind of this representation.
  public var kind: Kind {
    switch self {
    case .whole: .whole
    case .signMask: .signMask
    case .sketch: .sketch
    case .quantized: .quantized
    case .spilled: .spilled
    }
  }

  /// Whether values are rebuilt from it before a backward pass reads them.
  public var isDecoded: Bool { kind == .quantized || kind == .spilled }

  /// Whether the signs of the values are read beside it.
  public var readsMask: Bool {
    if case .sketch(let sketch) = self { return sketch.usesMask }
    return false
  }

  /// The bytes of memory that a batch of values takes in this representation.
  public func byteCount(of shape: Shape, batchSize: Int) -> Int {
    switch self {
    case .whole: shape.byteCount(batchSize: batchSize)
    case .signMask: (batchSize * shape.elementCount + 7) / 8
    case .sketch(let description):
      description.byteCount(for: shape.sketchGeometry(batchSize: batchSize))
    case .quantized(let quantization):
      quantization.byteCount(count: batchSize * shape.elementCount)
    case .spilled: 0
    }
  }
}

extension Representation {
  /// Whether a forward pass that `sketchesOutput` can write it while it writes the values.
  public func isWrittenWithValues(batchSize: Int) -> Bool {
    guard case .sketch(let description) = self else { return false }
    return SampleSketching.serves(description, batchSize: batchSize)
  }

  /// The bytes of scratch that writing it with the values takes, beside those of the pass.
  public func scratchByteCountWithValues(
    of shape: Shape, batchSize: Int, threadCount: Int
  ) -> Int {
    guard case .sketch(let description) = self else { return 0 }
    return SampleSketching.scratchByteCount(
      description, for: shape.sketchGeometry(batchSize: batchSize), threadCount: threadCount)
  }

  /// The bytes of scratch that writing a batch of values in this representation takes.
  public func encodingScratchByteCount(
    of shape: Shape, batchSize: Int, threadCount: Int
  ) -> Int {
    switch self {
    case .whole, .signMask, .quantized, .spilled: 0
    case .sketch(let description):
      description.sketchScratchByteCount(
        for: shape.sketchGeometry(batchSize: batchSize), threadCount: threadCount)
    }
  }
}

extension Shape {
  /// The geometry that a map is sketched with: a sketch depends on the map alone, whatever
  /// convolutions read it.
  public func sketchGeometry(batchSize: Int) -> ConvolutionGeometry {
    do {
      return try ConvolutionGeometry(
        batchSize: batchSize, inputChannels: channels, outputChannels: channels,
        inputExtent: Extent3(spatial, fill: 1), kernelExtent: Extent3(repeating: 1))
    } catch {
      preconditionFailure("the builder accepted this map: \(error)")
    }
  }
}

extension Representation: CustomStringConvertible {
  /// As reports name it: `whole`, `mask`, `sketch(gaussian:16)`, `quantized(4)`.
  public var description: String {
    switch self {
    case .whole: "whole"
    case .signMask: "mask"
    case .sketch(let sketch): "sketch(\(sketch))"
    case .quantized(let quantization): "quantized(\(quantization.bits.rawValue))"
    case .spilled: "spilled"
    }
  }
}
