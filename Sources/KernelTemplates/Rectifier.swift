/// A rectifier x > 0 ? x : slope·x; a slope of 1 changes nothing.
///
/// Where kernels use it their loops have no branches but for masks that nobody asked for.
struct Rectifier {
  private let slope: Lanes
  private let isZero: SIMDMask<SIMD16<Int32>>

  @inline(__always)
  init(_ slope: Float) {
    self.slope = Lanes(repeating: slope)
    isZero = self.slope .== Lanes(repeating: 0)
  }

  /// Rectifies `x` and writes it, and its signs if there is a mask.
  @inline(__always)
  func store(
    _ x: Lanes, into output: UnsafeMutablePointer<Float>, mask: UnsafeMutablePointer<UInt8>?,
    _ index: Int, _ lanes: Int
  ) {
    // Asked this way round, a NaN stays a NaN.
    let y = x.replacing(with: scaled(x), where: x .<= Lanes(repeating: 0))
    unsafe output.storeLanes(y, index, lanes)
    if let mask = unsafe mask { unsafe mask.storeSigns(of: y, index, lanes) }
  }

  /// The gradient before the rectifier, of that behind it and the lanes where x was above 0.
  @inline(__always)
  func gradient(_ gradient: Lanes, where positive: SIMDMask<SIMD16<Int32>>) -> Lanes {
    scaled(gradient).replacing(with: gradient, where: positive)
  }

  /// slope·values, where a slope of 0 gives 0 whatever the value: a plain product would turn
  /// infinities into NaN.
  @inline(__always)
  private func scaled(_ values: Lanes) -> Lanes {
    (values * slope).replacing(with: Lanes(repeating: 0), where: isZero)
  }
}
