import Kernels
import Networks

extension Representation {
  /// Writes a batch of values in this representation; allocates nothing.
  ///
  /// - Parameters:
  ///   - values: The values: (batch, spatial…, channels).
  ///   - shape: The shape of one sample.
  ///   - batchSize: The number of samples.
  ///   - mask: What a mask tells of the values.
  ///   - memory: Where the representation goes.
  ///   - seed: The seed of its random numbers.
  ///   - engine: Runs the kernels.
  ///   - scratch: Scratch of `encodingScratchByteCount`.
  func encode(
    _ values: UnsafePointer<Float>, shape: Shape, batchSize: Int, mask: MaskContent,
    into memory: UnsafeMutableRawPointer, seed: UInt64, engine: Engine,
    scratch: UnsafeMutableRawPointer
  ) {
    switch self {
    case .whole, .spilled:
      preconditionFailure("\(self) is not written by a kernel")
    case .signMask:
      unsafe engine.packMask(
        mask, of: values, into: memory.assumingMemoryBound(to: UInt8.self),
        count: batchSize * shape.elementCount)
    case .sketch(let description):
      unsafe engine.sketch(
        description.seeded(seed), shape.sketchGeometry(batchSize: batchSize), input: values,
        into: memory, scratch: scratch)
    case .quantized(let quantization):
      unsafe engine.quantize(
        Quantization(
          bits: quantization.bits, seed: quantization.seed ^ seed,
          beginsAtZero: quantization.beginsAtZero), values,
        count: batchSize * shape.elementCount, into: memory)
    }
  }

  /// Rebuilds a batch of values; allocates nothing.
  ///
  /// - Parameters:
  ///   - memory: The values in this representation, which must be one that is decoded.
  ///   - shape: The shape of one sample.
  ///   - batchSize: The number of samples.
  ///   - values: Receives (batch, spatial…, channels).
  ///   - engine: Runs the kernels.
  func decode(
    _ memory: UnsafeRawPointer, shape: Shape, batchSize: Int,
    into values: UnsafeMutablePointer<Float>, engine: Engine
  ) {
    switch self {
    case .quantized(let quantization):
      unsafe engine.dequantize(
        quantization, memory, count: batchSize * shape.elementCount, into: values)
    case .whole, .signMask, .sketch, .spilled:
      preconditionFailure("values are not rebuilt from \(self)")
    }
  }
}
