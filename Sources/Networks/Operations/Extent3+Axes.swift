import Kernels

extension Extent3 {
  /// The numbers of up to three spatial axes, with `fill` for the leading axes that are missing.
  init(_ axes: [Int], fill: Int) {
    let padded = [Int](repeating: fill, count: max(0, 3 - axes.count)) + axes
    self.init(depth: padded[0], height: padded[1], width: padded[2])
  }
}
