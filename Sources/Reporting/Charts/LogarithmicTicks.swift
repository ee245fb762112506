import Glibc

/// Where an axis of ratios has its ticks, and what they are called.
enum LogarithmicTicks {
  /// More ticks than this are thinned out.
  private static let mostTicks = 9

  /// Powers of the base from the one at or below `low` to the one at or above `high`; between few
  /// powers of ten also 2 and 5 times those.
  static func ticks(base: Double, from low: Double, to high: Double) -> [Double] {
    var first = exponent(of: low, base)
    var last = exponent(of: high, base)
    if pow(base, Double(last)) < high { last += 1 }
    if first == last { last += 1 }
    if base == 10, last - first <= 2 {
      let between = (first...last).flatMap { power in
        [1, 2, 5].map { decimal($0, power) }
      }
      let start = between.lastIndex { $0 <= low } ?? 0
      let end = between.firstIndex { $0 >= high && $0 > between[start] } ?? between.count - 1
      return Array(between[start...end])
    }
    let step = (last - first) / mostTicks + 1
    // The range ends at a tick.
    while (last - first) % step != 0 { if last <= -first { first -= 1 } else { last += 1 } }
    return stride(from: first, through: last, by: step).map {
      base == 10 ? decimal(1, $0) : pow(base, Double($0))
    }
  }

  /// The exponent of the largest power of the base that is not above a value.
  private static func exponent(of value: Double, _ base: Double) -> Int {
    var exponent = Int((log(value) / log(base)).rounded(.down))
    // Logarithms of powers are not exact.
    while pow(base, Double(exponent + 1)) <= value { exponent += 1 }
    while pow(base, Double(exponent)) > value { exponent -= 1 }
    return exponent
  }

  /// A mantissa times a power of ten, rounded once.
  private static func decimal(_ mantissa: Double, _ power: Int) -> Double {
    power < 0 ? mantissa / pow(10, Double(-power)) : mantissa * pow(10, Double(power))
  }

  /// A value in the unit that suits it.
  static func label(_ value: Double, _ unit: ChartAxis.Unit) -> String {
    switch unit {
    case .seconds: return NumberFormat.seconds(value)
    case .bytes:
      let units = [(0x1p40, "TiB"), (0x1p30, "GiB"), (0x1p20, "MiB"), (0x1p10, "KiB"), (1, "B")]
      let (size, name) = units.first { $0.0 <= value } ?? (1, "B")
      return "\(shortest(value / size)) \(name)"
    case .number: return shortest(value)
    }
  }

  /// As few digits as it takes to read the same number back, whole numbers without a point.
  private static func shortest(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
