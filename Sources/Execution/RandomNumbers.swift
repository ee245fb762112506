import Networks

/// Mixes two numbers into one whose bits look independent of both (Steele and others 2014,
/// SplitMix64, with the constants of Stafford's variant 13).
func mixed(_ seed: UInt64, _ counter: UInt64) -> UInt64 {
  var bits = seed &+ (counter &+ 1) &* 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
  return bits ^ (bits >> 31)
}

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
      let unit = Float(mixed(seed, UInt64(index)) >> 40) * 0x1p-24
      unsafe memory[index] = (2 * unit - 1) * bound
    }
  }
}
