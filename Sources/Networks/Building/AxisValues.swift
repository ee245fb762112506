/// A number for each spatial axis, or one for all of them.
public struct AxisValues: Hashable, Sendable, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  private let values: [Int]

  /// One number for all axes.
  public init(integerLiteral value: Int) {
    values = [value]
  }

  /// One number an axis, the outermost first.
  public init(arrayLiteral elements: Int...) {
    values = elements
  }

  /// One number an axis, the outermost first; a single one stands for all axes.
  public init(_ values: [Int]) {
    self.values = values
  }

  /// The numbers for this many axes.
  ///
  /// - Throws: `ShapeError` if there are neither one nor that many.
  func expanded(axes: Int, of quantity: String) throws(ShapeError) -> [Int] {
    if values.count == 1 { return [Int](repeating: values[0], count: axes) }
    guard values.count == axes else {
      throw ShapeError(
        "its \(quantity) has \(values.count) numbers where the input has \(axes) spatial axes")
    }
    return values
  }
}
