/// A number of bytes that can be written in the units that people use.
public struct ByteCount: Hashable, Comparable, Sendable {
  /// The number of bytes.
  public let bytes: Int

  /// Creates a count from a number of bytes.
  public init(bytes: Int) {
    self.bytes = bytes
  }

  /// A number of bytes.
  public static func bytes(_ count: Int) -> Self { Self(bytes: count) }

  /// A number of kibibytes, of 1,024 bytes each.
  public static func kibibytes(_ count: Int) -> Self { Self(bytes: count << 10) }

  /// A number of mebibytes, of 1,048,576 bytes each.
  public static func mebibytes(_ count: Int) -> Self { Self(bytes: count << 20) }

  /// A number of gibibytes, of 1,073,741,824 bytes each.
  public static func gibibytes(_ count: Int) -> Self { Self(bytes: count << 30) }

  /// Whether the left count is smaller.
  public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}
