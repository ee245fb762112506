/// Why a text is not a size.
public struct ByteCountError: Error, Equatable, CustomStringConvertible {
  /// The text that was given.
  public let text: String
  /// What is wrong with it and what would be right, as one sentence.
  public let description: String

  init(_ text: String, _ complaint: String) {
    self.text = text
    description = "\"\(text)\" is not a size: \(complaint)"
  }
}

extension ByteCount {
  private static let units: [(name: String, bytes: Int)] = [
    ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
  ]

  /// Reads a size such as `64MiB`, `1.5 GiB` or `200KB`.
  ///
  /// A number, with decimals or without, at most one space, and one of `B`, `KiB`, `MiB`, `GiB`
  /// (powers of 1,024), `KB`, `MB`, `GB` (powers of 1,000). A fraction of a byte is dropped.
  ///
  /// - Parameter text: The size as text.
  /// - Throws: ``ByteCountError`` if the text is anything else, or 2⁶³ bytes and more.
  public init(parsing text: String) throws(ByteCountError) {
    let example = "write a number and one of B, KiB, MiB, GiB, KB, MB, GB, such as 64MiB"
    let number = text.prefix { ($0 >= "0" && $0 <= "9") || $0 == "." }
    var unitName = text[number.endIndex...]
    if text.first == "-" {
      throw ByteCountError(text, "it is negative; \(example)")
    }
    if unitName.first == " " { unitName.removeFirst() }
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard !number.isEmpty, parts.count <= 2, !parts.contains(where: \.isEmpty) else {
      throw ByteCountError(text, "it does not begin with a number; \(example)")
    }
    guard !unitName.isEmpty else {
      throw ByteCountError(text, "it has no unit; \(example)")
    }
    guard let unit = Self.units.first(where: { $0.name == unitName }) else {
      throw ByteCountError(text, "the unit \"\(unitName)\" is unknown; \(example)")
    }
    guard let bytes = Self.exactProduct(parts[0], parts.count == 2 ? parts[1] : "", unit.bytes)
    else {
      throw ByteCountError(text, "it is 8 EiB or more, which no memory holds")
    }
    self.init(bytes: bytes)
  }

  /// The whole part of `whole.fraction × unit`, in exact arithmetic; nil if it does not fit.
  private static func exactProduct(
    _ whole: Substring, _ fraction: Substring, _ unit: Int
  ) -> Int? {
    guard let wholeUnits = Int(whole) else { return nil }
    let (product, overflow) = wholeUnits.multipliedReportingOverflow(by: unit)
    if overflow { return nil }
    // 28 decimals of the largest unit, 2³⁰, still fit 128 bits, and are exact below a byte.
    var numerator: UInt128 = 0
    var scale: UInt128 = 1
    for digit in fraction.prefix(28) {
      guard let value = digit.wholeNumberValue else { return nil }
      numerator = numerator * 10 + UInt128(value)
      scale *= 10
    }
    let (sum, tooLarge) = product.addingReportingOverflow(Int(numerator * UInt128(unit) / scale))
    return tooLarge ? nil : sum
  }
}
