import KernelInterface

/// A function of one element and its derivative; what the derivative follows from,
/// `ActivationFunction.derivativeSource` tells.
protocol ElementFunction {
  /// The values of the function.
  func values(_ x: Lanes) -> Lanes
  /// The gradient before the function, of that behind it and of what the derivative follows from.
  func gradient(_ gradient: Lanes, _ residual: Lanes) -> Lanes
}

/// A number between two bounds; its derivative follows from the output.
///
/// The hard sigmoid is (x + 3)/6 between 0 and 1, from x + 3 between 0 and 6, so that it is exactly 0
/// and 1 where it should.
struct ClippedFunction: ElementFunction {
  let lower: Float
  let upper: Float
  var offset: Float = 0
  var divisor: Float = 1

  static var hardSigmoid: ClippedFunction {
    @inline(__always) get { ClippedFunction(lower: 0, upper: 6, offset: 3, divisor: 6) }
  }

  @inline(__always)
  func values(_ x: Lanes) -> Lanes {
    smaller(greater(x + offset, Lanes(repeating: lower)), Lanes(repeating: upper)) / divisor
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ y: Lanes) -> Lanes {
    let zero = Lanes(repeating: 0)
    return zero.replacing(
      with: gradient * (1 / divisor),
      where: isInside(y, lower: lower / divisor, upper: upper / divisor))
  }
}

/// Where numbers lie between two others and are neither.
@inline(__always)
func isInside(_ values: Lanes, lower: Float, upper: Float) -> SIMDMask<SIMD16<Int32>> {
  // The distance to the nearer bound: one comparison, where two masks would have to be joined.
  smaller(values - lower, upper - values) .> Lanes(repeating: 0)
}

/// x·hardSigmoid(x).
struct HardSwish: ElementFunction {
  @inline(__always)
  func values(_ x: Lanes) -> Lanes {
    let share =
      smaller(greater(x + 3, Lanes(repeating: 0)), Lanes(repeating: 6)) / Lanes(repeating: 6)
    return x.scaled(by: share)
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ x: Lanes) -> Lanes {
    let slope = (x + x + 3) / Lanes(repeating: 6)
    return (gradient * slope)
      .replacing(with: Lanes(repeating: 0), where: x .<= Lanes(repeating: -3))
      .replacing(with: gradient, where: x .>= Lanes(repeating: 3))
  }
}

/// x, or alpha·(eˣ − 1) where x is not above 0: then the derivative is the output plus alpha.
struct ExponentialUnit: ElementFunction {
  let alpha: Float

  @inline(__always)
  func values(_ x: Lanes) -> Lanes {
    (alpha * x.exponentialMinusOne).replacing(with: x, where: x .> Lanes(repeating: 0))
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ y: Lanes) -> Lanes {
    (gradient * (y + alpha)).replacing(with: gradient, where: y .> Lanes(repeating: 0))
  }
}

/// 1/(1 + e⁻ˣ) = y, with the derivative y·(1 − y).
struct Sigmoid: ElementFunction {
  @inline(__always)
  func values(_ x: Lanes) -> Lanes { x.logistic.value }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ y: Lanes) -> Lanes { gradient * (y * (1 - y)) }
}

/// The hyperbolic tangent y, with the derivative 1 − y².
struct HyperbolicTangent: ElementFunction {
  @inline(__always)
  func values(_ x: Lanes) -> Lanes { x.hyperbolicTangent }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ y: Lanes) -> Lanes { gradient * ((1 - y) * (1 + y)) }
}

/// x·σ(z) with z = beta·x, and the derivative σ(z)·(1 + z·(1 − σ(z))).
struct Swish: ElementFunction {
  let beta: Float

  @inline(__always)
  func values(_ x: Lanes) -> Lanes { x.scaled(by: (beta * x).logistic.value) }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ x: Lanes) -> Lanes {
    let z = beta * x
    let (value, complement) = z.logistic
    return gradient * (1 + z.scaled(by: complement)).scaled(by: value)
  }
}

/// x·Φ(x), with the derivative Φ(x) + x·φ(x).
struct GaussianUnit: ElementFunction {
  @inline(__always)
  func values(_ x: Lanes) -> Lanes { x.scaled(by: x.normalDistribution.value) }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ x: Lanes) -> Lanes {
    let (value, density) = x.normalDistribution
    return gradient * (value + x.scaled(by: density * 0.398_942_280))
  }
}

/// x·σ(z) with z = 2·√(2/π)·(x + 0.044715·x³): what 0.5·x·(1 + tanh(z/2)) comes to.
struct GaussianUnitTanh: ElementFunction {
  @inline(__always)
  private func argument(_ x: Lanes) -> Lanes {
    x * 1.595_769_12 * (1 + 0.044_715 * (x * x))
  }

  @inline(__always)
  func values(_ x: Lanes) -> Lanes { x.scaled(by: argument(x).logistic.value) }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ x: Lanes) -> Lanes {
    let (value, complement) = argument(x).logistic
    // x·dz/dx, as large as it likes where σ·(1 − σ) is 0.
    let growth = x * 1.595_769_12 * (1 + 3 * 0.044_715 * (x * x))
    return gradient * (value + growth.scaled(by: value * complement))
  }
}

/// x·tanh(ln(1 + eˣ)).
///
/// With e = eˣ and n = e·(e + 2) the hyperbolic tangent is n/(n + 2), and its derivative
/// 4·e·(1 + e)/(n + 2)². Beyond 20 it is 1, to a rounding.
struct Mish: ElementFunction {
  @inline(__always)
  private func power(_ x: Lanes) -> Lanes { smaller(x, Lanes(repeating: 20)).exponential }

  @inline(__always)
  func values(_ x: Lanes) -> Lanes {
    let power = power(x)
    let n = power * (power + 2)
    return x.scaled(by: n / (n + 2))
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ x: Lanes) -> Lanes {
    let power = power(x)
    let n = power * (power + 2)
    // In steps: as one expression its types took the compiler twelve seconds.
    let denominator = n + 2
    let numerator = (power * 4) * (power + 1)
    let slope = numerator / (denominator * denominator)
    // Beyond 20 the slope times x would be a rounding, and grow with x.
    let share = x.scaled(by: slope)
      .replacing(with: Lanes(repeating: 0), where: x .> Lanes(repeating: 20))
    let tangent = n / denominator
    return gradient * (tangent + share)
  }
}

/// ln(1 + eᶻ)/beta with z = beta·x, and x where z is above the threshold; the derivative is σ(z), and
/// 1 above the threshold.
struct Softplus: ElementFunction {
  let beta: Float
  let threshold: Float

  @inline(__always)
  func values(_ x: Lanes) -> Lanes {
    let z = beta * x
    let curve = greater(z, Lanes(repeating: 0)) + (-z.magnitudes).exponential.logarithmOfOneMore
    return (curve / beta).replacing(with: x, where: z .> Lanes(repeating: threshold))
  }

  @inline(__always)
  func gradient(_ gradient: Lanes, _ x: Lanes) -> Lanes {
    let z = beta * x
    return (gradient * z.logistic.value)
      .replacing(with: gradient, where: z .> Lanes(repeating: threshold))
  }
}

/// What is done with the element function that belongs to an activation function: `apply` is compiled
/// for each of them, so that none is chosen within a loop.
protocol ElementFunctionUse {
  func apply(_ function: some ElementFunction)
}

extension ActivationFunction {
  /// Hands the element function on.
  @inline(__always)
  func withElementFunction(_ use: some ElementFunctionUse) {
    switch self {
    case .clipped(let lower, let upper): use.apply(ClippedFunction(lower: lower, upper: upper))
    case .hardSigmoid: use.apply(ClippedFunction.hardSigmoid)
    case .hardSwish: use.apply(HardSwish())
    case .elu(let alpha): use.apply(ExponentialUnit(alpha: alpha))
    case .sigmoid: use.apply(Sigmoid())
    case .tanh: use.apply(HyperbolicTangent())
    case .swish(let beta): use.apply(Swish(beta: beta))
    case .gelu: use.apply(GaussianUnit())
    case .geluTanh: use.apply(GaussianUnitTanh())
    case .mish: use.apply(Mish())
    case .softplus(let beta, let threshold): use.apply(Softplus(beta: beta, threshold: threshold))
    }
  }
}
