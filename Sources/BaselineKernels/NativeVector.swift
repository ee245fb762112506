/// Four floats: one SSE register.
typealias NativeVector = SIMD4<Float>

/// The sum of `addend` and the product of `a` and `b`, by lane, rounded twice: there is no fused
/// multiply-add here, and `addingProduct` would call the C library for every lane.
@inline(__always)
func multiplyAdd(_ addend: NativeVector, _ a: NativeVector, _ b: NativeVector) -> NativeVector {
  addend + a * b
}
