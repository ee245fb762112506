/// Sixteen floats: one AVX-512 register.
typealias NativeVector = SIMD16<Float>

/// The sum of `addend` and the product of `a` and `b`, by lane, rounded once.
@inline(__always)
func multiplyAdd(_ addend: NativeVector, _ a: NativeVector, _ b: NativeVector) -> NativeVector {
  addend.addingProduct(a, b)
}
