import MemoryLedger

extension ReportTable.Cell {
  /// A number of bytes in the unit that suits it, such as `24.85 MiB`.
  package static func bytes(_ count: Int) -> Self {
    Self(ByteCount(bytes: count).description, value: Double(count))
  }

  /// Seconds in the unit that suits them, such as `12.3 ms`.
  package static func seconds(_ seconds: Double) -> Self {
    Self(NumberFormat.seconds(seconds), value: seconds)
  }

  /// A number with a fixed number of decimals.
  package static func number(_ value: Double, decimals: Int) -> Self {
    Self(NumberFormat.fixed(value, decimals: decimals), value: value)
  }

  /// A share of one as per cent.
  package static func percent(_ share: Double) -> Self {
    Self(NumberFormat.percent(share), value: share)
  }
}
