import Kernels
import Networks

extension ParameterDescription {
  /// Fills memory with starting values; each depends on the seed and its position alone.
  func fill(_ memory: UnsafeMutablePointer<Float>, seed: UInt64) {
    let bound: Float
    switch initializer {
    case .constant(let value):
      unsafe memory.initialize(repeating: value, count: elementCount)
      return
    case .heUniform(let fanIn): bound = (6 / Float(max(1, fanIn))).squareRoot()
    case .uniform(let fanIn): bound = (1 / Float(max(1, fanIn))).squareRoot()
    }
    for index in 0..<elementCount {
      let unit = Float(RandomStream.word(seed, index) >> 40) * 0x1p-24
      unsafe memory[index] = (2 * unit - 1) * bound
    }
  }
}
