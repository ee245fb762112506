// Functions of the standard library that the compiler specialises out of line are weak symbols: the
// linker keeps one of all instruction sets' copies, perhaps one that the processor cannot run. These
// stand in for the two that kernels need; `ConvolutionMachineCodeTests` finds any other.

/// Sixteen equal numbers: `InlineArray(repeating:)`.
@inline(__always)
func sixteen(_ number: Float) -> InlineArray<16, Float> {
  [
    number, number, number, number, number, number, number, number,
    number, number, number, number, number, number, number, number,
  ]
}

/// The bytes as words: `SIMD16<UInt32>(truncatingIfNeeded:)`.
@inline(__always)
func words(_ bytes: SIMD16<UInt8>) -> SIMD16<UInt32> {
  var words = SIMD16<UInt32>(repeating: 0)
  for lane in 0..<16 { words[lane] = UInt32(bytes[lane]) }
  return words
}
