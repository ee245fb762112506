/// What a mask tells of a value, one bit an element; bit i % 8 of byte i / 8 belongs to element i.
public enum MaskContent: Hashable, Sendable {
  /// Whether it is above 0.
  case positive
  /// Whether it lies between two bounds and is neither of them.
  case between(lower: Float, upper: Float)
}
