// Functions of the mathematics library for vectors: in single precision, with errors of about one
// unit of the last place, from sums and products that are rounded apart, so that the results are the
// same to the bit on all instruction sets.

/// One step of Horner's scheme: a polynomial's `sum` so far times `x`, and the next coefficient.
///
/// A function, since the compiler takes seconds to find the types of such a line of literals.
@inline(__always)
func horner(_ sum: Lanes, _ x: Lanes, _ coefficient: Float) -> Lanes {
  sum * x + Lanes(repeating: coefficient)
}

/// The exponents of positive numbers, and their mantissas between 1 and 2, from their bits.
@inline(__always)
func exponentAndMantissa(of bits: SIMD16<UInt32>) -> (exponent: Lanes, mantissa: Lanes) {
  // The exponent as a float: 2²³ + e + 127 is exact, and its bits are easy to write.
  let biased = floats(of: (bits &>> 23) | 0x4B00_0000)
  return (biased - Lanes(repeating: 8_388_735), floats(of: (bits & 0x007F_FFFF) | 0x3F80_0000))
}

extension Lanes {
  /// e to the power of these numbers, as scale·(1 + rest); they count as at least −87 and at most 88.
  ///
  /// The numbers are n·ln 2 + r with |r| ≤ ln 2/2; the polynomial for eʳ is that of Cephes' `expf`
  /// (Moshier).
  @inline(__always)
  fileprivate var exponentialParts: (scale: Lanes, rest: Lanes) {
    let x = smaller(greater(self, Lanes(repeating: -87)), Lanes(repeating: 88))
    // Adding 1.5·2²³ rounds to the nearest whole number, which stands in the lowest bits.
    let shifted = x * 1.442_695_04 + 12_582_912
    let whole = shifted - 12_582_912
    let r = (x - whole * 0.693_359_375) - whole * -2.121_944_40e-4
    var sum = r * 1.987_569_15e-4 + 1.398_199_950_7e-3
    sum = sum * r + 8.333_451_907_3e-3
    sum = sum * r + 4.166_579_589_4e-2
    sum = sum * r + 1.666_666_545_9e-1
    sum = sum * r + 0.5
    let exponent = unsafe unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
    return (floats(of: exponent &+ 0x3F80_0000), sum * (r * r) + r)
  }

  /// e to the power of these numbers, of which none is above 88; 0 below −87.
  @inline(__always)
  var exponential: Lanes {
    let (scale, rest) = exponentialParts
    return (scale + scale * rest)
      .replacing(with: Lanes(repeating: 0), where: self .< Lanes(repeating: -87))
  }

  /// e to the power of these numbers less 1, without cancellation near 0.
  @inline(__always)
  var exponentialMinusOne: Lanes {
    let (scale, rest) = exponentialParts
    return (scale - 1) + scale * rest
  }

  /// ln(1 + these numbers), which lie between 0 and 1.
  ///
  /// Twice the series of the inverse hyperbolic tangent of s = x/(2 + x), where s² ≤ 1/9.
  @inline(__always)
  var logarithmOfOneMore: Lanes {
    let s = self / (self + 2)
    let square = s * s
    var sum = Lanes(repeating: 1 / 13)
    sum = horner(sum, square, 1 / 11)
    sum = horner(sum, square, 1 / 9)
    sum = horner(sum, square, 1 / 7)
    sum = horner(sum, square, 1 / 5)
    sum = horner(sum, square, 1 / 3)
    let double = s + s
    return double + double * (square * sum)
  }

  /// The natural logarithms of positive numbers, NaN for NaN.
  ///
  /// With the number m·2ᵉ, where m lies between √½ and √2, it is e·ln 2 plus twice the inverse
  /// hyperbolic tangent of s = (m − 1)/(m + 1), where s² ≤ 0.03.
  @inline(__always)
  var logarithm: Lanes {
    let bits = unsafe unsafeBitCast(self, to: SIMD16<UInt32>.self)
    var (exponent, mantissa) = exponentAndMantissa(of: bits)
    let isLarge = mantissa .> Lanes(repeating: 1.414_213_56)
    mantissa = mantissa.replacing(with: mantissa * 0.5, where: isLarge)
    exponent = exponent.replacing(with: exponent + 1, where: isLarge)
    let s = (mantissa - 1) / (mantissa + 1)
    let square = s * s
    var sum = Lanes(repeating: 1 / 9)
    sum = horner(sum, square, 1 / 7)
    sum = horner(sum, square, 1 / 5)
    sum = horner(sum, square, 1 / 3)
    let double = s + s
    let series = double + double * (square * sum)
    let result = exponent * 0.693_147_181 + series
    return result.replacing(with: self, where: self .!= self)
  }

  /// The magnitudes.
  @inline(__always)
  var magnitudes: Lanes {
    let bits = unsafe unsafeBitCast(self, to: SIMD16<UInt32>.self)
    return floats(of: bits & 0x7FFF_FFFF)
  }

  /// The product with a factor; 0 where the factor is 0, whatever the number: an infinite one too.
  @inline(__always)
  func scaled(by factor: Lanes) -> Lanes {
    let zero = Lanes(repeating: 0)
    return (self * factor).replacing(with: zero, where: factor .== zero)
  }

  /// The logistic function 1/(1 + e⁻ˣ), and what it lacks to 1; without cancellation.
  @inline(__always)
  var logistic: (value: Lanes, complement: Lanes) {
    let power = (-magnitudes).exponential
    let greaterPart = 1 / (1 + power)
    let smallerPart = power * greaterPart
    let isNegative = self .< Lanes(repeating: 0)
    return (
      greaterPart.replacing(with: smallerPart, where: isNegative),
      smallerPart.replacing(with: greaterPart, where: isNegative)
    )
  }

  /// The distribution function of the standard normal distribution, and √(2π) times its density.
  ///
  /// Φ(−|x|) is the density times a polynomial in 1/(1 + p·|x|), with an error of 8e-8 (Abramowitz
  /// and Stegun 1964, formula 7.1.26, for x/√2).
  @inline(__always)
  var normalDistribution: (value: Lanes, density: Lanes) {
    let density = ((self * -0.5) * self).exponential
    let t = 1 / (1 + magnitudes * (0.327_591_1 * 0.707_106_781))
    var sum = t * 1.061_405_429 - 1.453_152_027
    sum = sum * t + 1.421_413_741
    sum = sum * t - 0.284_496_736
    sum = sum * t + 0.254_829_592
    let tail = (sum * t) * (density * 0.5)
    return (tail.replacing(with: 1 - tail, where: self .>= Lanes(repeating: 0)), density)
  }

  /// The hyperbolic tangents.
  ///
  /// The polynomial for small numbers is that of Cephes' `tanhf` (Moshier).
  @inline(__always)
  var hyperbolicTangent: Lanes {
    let magnitude = magnitudes
    let power = (magnitude * -2).exponential
    let far = (1 - power) / (1 + power)
    let square = self * self
    var sum = square * -5.704_988_727_45e-3 + 2.063_908_879_54e-2
    sum = sum * square - 5.373_971_555_31e-2
    sum = sum * square + 1.333_144_220_36e-1
    sum = sum * square - 3.333_328_194_22e-1
    let near = self + self * (square * sum)
    return far.replacing(with: -far, where: self .< Lanes(repeating: 0))
      .replacing(with: near, where: magnitude .< Lanes(repeating: 0.625))
  }
}
