/// Numbers as people read them.
package enum NumberFormat {
  /// A number with a fixed number of decimals, rounded to nearest.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (value.magnitude * scale).rounded()
    // Beyond this a double holds no decimals.
    guard scaled < 1e15 else { return "\(value)" }
    var digits = String(Int(scaled))
    if digits.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits
    }
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + digits }
    return "\(sign)\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
  }

  /// A number with three significant digits and an SI prefix, such as `12.3 G` or `0`.
  package static func prefixed(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return fixed(value, decimals: 0) }
    let prefixes: [(scale: Double, name: String)] = [
      (1, ""), (1e3, " k"), (1e6, " M"), (1e9, " G"), (1e12, " T"), (1e15, " P"),
    ]
    // The prefix goes by the rounded value: 999,999 is 1.00 M, not 1000 k.
    let prefix = prefixes.first { value.magnitude / $0.scale < 999.5 } ?? prefixes[5]
    return significant(value / prefix.scale) + prefix.name
  }

  /// Seconds in the unit that suits them: `850 ns`, `12.3 ms`, `1.24 s`, `2 min 03 s`, `1 h 05 min`.
  package static func seconds(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "\(fixed(seconds, decimals: 0)) s" }
    if seconds == 0 { return "0 s" }
    for (scale, unit) in [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms")]
    where seconds / scale < 999.5 {
      return "\(significant(seconds / scale)) \(unit)"
    }
    if seconds < 59.95 { return "\(significant(seconds)) s" }
    let whole = Int(min(seconds.rounded(), 1e15))
    if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
    return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min"
  }

  /// A share of one as per cent with one decimal, such as `12.5 %`.
  package static func percent(_ share: Double) -> String {
    "\(fixed(share * 100, decimals: 1)) %"
  }

  /// Three significant digits of a magnitude below 1000, more only before the decimal point.
  private static func significant(_ value: Double) -> String {
    let magnitude = value.magnitude
    return fixed(value, decimals: magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0)
  }

  private static func twoDigits(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }
}
