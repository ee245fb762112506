import Glibc

/// An axis of a chart.
package struct ChartAxis: Sendable {
  /// What the numbers on an axis count.
  package enum Unit: Sendable {
    /// Plain numbers.
    case number
    /// Bytes, shown in the binary unit that suits the largest.
    case bytes
    /// Seconds, shown in the unit that suits the largest.
    case seconds
  }

  /// How values are spread along an axis.
  package enum Spacing: Sendable, Equatable {
    /// Equal differences are equally far apart; the axis begins at zero.
    case fromZero
    /// Equal differences are equally far apart; the axis begins near the smallest value.
    case fromSmallest
    /// Equal ratios are equally far apart, with ticks at powers of two, which suit numbers that are
    /// doubled. Values that are not above zero have no place on it.
    case powersOfTwo
    /// Equal ratios are equally far apart, with ticks at powers of ten.
    case powersOfTen

    /// Whether equal ratios are equally far apart.
    var isLogarithmic: Bool { self == .powersOfTwo || self == .powersOfTen }
  }

  let title: String
  let unit: Unit
  let spacing: Spacing
  let zeroName: String?

  /// Creates an axis.
  ///
  /// Zero, which has no place among equal ratios, gets one of its own at the beginning of the axis if
  /// it has a name.
  package init(
    _ title: String, unit: Unit = .number, spacing: Spacing = .fromZero, zeroName: String? = nil
  ) {
    self.title = title
    self.unit = unit
    self.spacing = spacing
    self.zeroName = zeroName
  }

  /// Whether a value has a place on the axis.
  func shows(_ value: Double) -> Bool {
    value.isFinite && (value > 0 || !spacing.isLogarithmic || value == 0 && zeroName != nil)
  }
}

/// An axis with the range and the ticks that suit given values.
struct AxisScale {
  /// The first and the last value on the axis.
  let range: ClosedRange<Double>
  /// Where the ticks are, in ascending order.
  let ticks: [Double]
  /// The axis' title, with its unit.
  let title: String

  private let unit: ChartAxis.Unit
  private let isLogarithmic: Bool
  /// What a place for zero is called; nil if there is none.
  private let zeroName: String?
  private let divisor: Double
  private let unitName: String
  private let decimals: Int

  /// Chooses a range that begins and ends at a tick and holds all values that the axis shows.
  init(_ axis: ChartAxis, values: some Sequence<Double>) {
    let shown = values.filter(axis.shows)
    unit = axis.unit
    isLogarithmic = axis.spacing.isLogarithmic
    zeroName = isLogarithmic && shown.contains(0) ? axis.zeroName : nil
    guard !isLogarithmic else {
      let ratios = shown.filter { $0 > 0 }
      let powers = LogarithmicTicks.ticks(
        base: axis.spacing == .powersOfTwo ? 2 : 10, from: ratios.min() ?? 1, to: ratios.max() ?? 1)
      ticks = (zeroName == nil ? [] : [0]) + powers
      range = powers[0]...powers[powers.count - 1]
      title = axis.title
      (divisor, unitName, decimals) = (1, "", 0)
      return
    }
    var low = shown.min() ?? 0
    var high = shown.max() ?? 1
    if axis.spacing == .fromZero { (low, high) = (min(low, 0), max(high, 0)) }
    // A range without extent has no scale: it is widened to one.
    if low == high { high = low + max(1, low.magnitude) }

    let (divisor, name) = axis.unit.scale(for: max(low.magnitude, high.magnitude))
    let step = Self.step(forExtent: (high - low) / divisor)
    let first = (low / divisor / step).rounded(.down)
    let last = (high / divisor / step).rounded(.up)
    ticks = (0...Int(last - first)).map { (first + Double($0)) * step * divisor }
    range = first * step * divisor...last * step * divisor
    title = name.isEmpty ? axis.title : "\(axis.title) [\(name)]"
    self.divisor = divisor
    unitName = name
    decimals = (0...12).first { step * Self.power(of: 10, $0) >= 0.999 } ?? 12
  }

  /// The number at a tick.
  func label(_ value: Double) -> String {
    if value == 0, let zeroName { return zeroName }
    guard !isLogarithmic else { return LogarithmicTicks.label(value, unit) }
    return NumberFormat.fixed(value / divisor, decimals: decimals)
  }

  /// A value with two decimals and the unit of the axis.
  func description(_ value: Double) -> String {
    guard !isLogarithmic else { return LogarithmicTicks.label(value, unit) }
    let number = NumberFormat.fixed(value / divisor, decimals: 2)
    return unitName.isEmpty ? number : "\(number) \(unitName)"
  }

  /// What the place for zero takes of an axis.
  private static let zeroShare = 0.08

  /// Whether a value lies apart from those whose ratios the axis shows.
  func isPlaceForZero(_ value: Double) -> Bool { zeroName != nil && value == 0 }

  /// Where a value is on an axis from 0 to 1.
  func position(_ value: Double) -> Double {
    guard !isLogarithmic else {
      if isPlaceForZero(value) { return 0 }
      let start = log(range.lowerBound)
      let position = (log(value) - start) / (log(range.upperBound) - start)
      return zeroName == nil ? position : Self.zeroShare + (1 - Self.zeroShare) * position
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// 1, 2 or 5 times a power of ten, so that there are about four to eight steps.
  private static func step(forExtent extent: Double) -> Double {
    var power = 1.0
    while power * 10 <= extent { power *= 10 }
    while power > extent { power /= 10 }
    // Now power ≤ extent < 10 · power.
    let mantissa = extent / power
    return mantissa < 1.5 ? power / 5 : mantissa < 3 ? power / 2 : mantissa < 7 ? power : power * 2
  }

  private static func power(of base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

extension ChartAxis.Unit {
  /// The unit for values up to `largest`: by what to divide, and its name.
  fileprivate func scale(for largest: Double) -> (divisor: Double, name: String) {
    let units: [(divisor: Double, name: String)] =
      switch self {
      case .number: [(1, "")]
      case .bytes: [(1, "B"), (0x1p10, "KiB"), (0x1p20, "MiB"), (0x1p30, "GiB"), (0x1p40, "TiB")]
      case .seconds: [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1, "s")]
      }
    return units.last { $0.divisor <= largest } ?? units[0]
  }
}
