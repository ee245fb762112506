extension ByteCount: CustomStringConvertible {
  /// The count in the largest binary unit that it reaches, with two decimals: "24.85 MiB", "512 B".
  public var description: String {
    let magnitude = bytes.magnitude
    let sign = bytes < 0 ? "-" : ""
    // The unit goes by the rounded value: 1,048,575 bytes are 1.00 MiB, not 1024.00 KiB.
    for (shift, unit) in [(10, "KiB"), (20, "MiB"), (30, "GiB"), (40, "TiB"), (50, "PiB")] {
      let hundredths = Self.hundredths(of: magnitude, shift: UInt(shift))
      guard magnitude >= 1024 else { break }
      guard hundredths < 102_400 || unit == "PiB" else { continue }
      let decimals = hundredths % 100
      return "\(sign)\(hundredths / 100).\(decimals < 10 ? "0" : "")\(decimals) \(unit)"
    }
    return "\(bytes) B"
  }

  /// The exact number with its digits in groups of three: "26,057,113 B".
  public var exactDescription: String {
    let digits = String(bytes.magnitude)
    var grouped = ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { grouped.append(",") }
      grouped.append(digit)
    }
    return "\(bytes < 0 ? "-" : "")\(grouped) B"
  }

  /// The rounded and the exact number: "24.85 MiB (26,057,113 B)"; only the latter when below 1 KiB.
  public var fullDescription: String {
    bytes.magnitude < 1024 ? exactDescription : "\(description) (\(exactDescription))"
  }

  /// The value in hundredths of a unit of `1 << shift` bytes, rounded half up.
  private static func hundredths(of magnitude: UInt, shift: UInt) -> UInt {
    let whole = magnitude >> shift
    let rest = magnitude & ((1 << shift) - 1)
    return whole * 100 + ((rest * 100 + (1 << (shift - 1))) >> shift)
  }
}
