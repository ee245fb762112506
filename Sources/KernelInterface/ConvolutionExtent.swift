/// One number for each of the three spatial axes.
public struct Extent3: Hashable, Sendable {
  /// The number for the outermost axis; 1 (or 0 for a padding) where there are fewer than three.
  public var depth: Int
  /// The number for the middle axis.
  public var height: Int
  /// The number for the innermost axis.
  public var width: Int

  /// Creates an extent from three numbers, in the order of the layout.
  public init(depth: Int, height: Int, width: Int) {
    self.depth = depth
    self.height = height
    self.width = width
  }

  /// Creates an extent that has the same number on all three axes.
  public init(repeating number: Int) {
    self.init(depth: number, height: number, width: number)
  }

  /// The product of the three numbers.
  public var volume: Int { depth * height * width }
}

/// One of the three spatial axes, the outermost first.
package enum SpatialAxis: Sendable {
  case depth
  case height
  case width
}

extension Extent3 {
  /// The number for one axis.
  @inline(__always)
  package subscript(axis: SpatialAxis) -> Int {
    switch axis {
    case .depth: depth
    case .height: height
    case .width: width
    }
  }

  /// Creates an extent from what `number` gives for each axis.
  package init<Failure: Error>(
    _ number: (SpatialAxis) throws(Failure) -> Int
  ) throws(Failure) {
    self.init(
      depth: try number(.depth), height: try number(.height), width: try number(.width))
  }
}
