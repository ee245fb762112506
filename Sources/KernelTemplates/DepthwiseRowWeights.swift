/// Rows of windows that lie side by side, for the gradients of some kernel rows: where they begin in
/// the input and the output gradient, and strides, all in floats.
@unsafe struct DepthwiseWeightRows {
  /// The first pixel that a window reads in the first kernel row, and the distance of kernel rows.
  var source: UnsafePointer<Float>
  var kernelRow: Int
  /// The first output gradient of the first row.
  var gradient: UnsafePointer<Float>
  /// The gradient of the first weight of the first kernel row.
  var result: UnsafeMutablePointer<Float>
  /// How many rows of windows there are, and the distance of what they read.
  var rows: Int
  var sourceRow: Int
  var gradientRow: Int
  /// The pixels of a row that windows read.
  var pixels: Int
  /// The window whose first tap is the first pixel; negative where it is outside.
  var firstWindow: Int
  /// The windows of a row.
  var windows: Int
  var channels: Int
}

extension DepthwiseWeightRows {
  /// Whether there are sums for kernel rows of as many taps: they need many registers.
  static func canSum(taps: Int) -> Bool {
    TileSizes.sumsKernelRowsTogether && (taps == 3 || taps == 5)
  }

  /// The most kernel rows that are summed together.
  static let mostKernelRows = 5

  /// Adds the gradients of `kernelRows` kernel rows of `taps` taps, for `vectors` vectors of channels.
  @inline(__always)
  func add(taps: Int, kernelRows: Int, vectors: Int) {
    // Where this is not used, nothing is compiled for it.
    guard TileSizes.sumsKernelRowsTogether else {
      preconditionFailure("there are too few registers for sums of several kernel rows")
    }
    let pairs = vectors / 2
    switch (taps, kernelRows) {
    case (3, 3):
      unsafe addRows(self, pairs, DepthwiseWeightSums<3, 3, 2>.self)
      unsafe addRows(behind(2 &* pairs), vectors % 2, DepthwiseWeightSums<3, 3, 1>.self)
    case (3, 2):
      unsafe addRows(self, pairs, DepthwiseWeightSums<3, 2, 2>.self)
      unsafe addRows(behind(2 &* pairs), vectors % 2, DepthwiseWeightSums<3, 2, 1>.self)
    case (3, 1):
      unsafe addRows(self, pairs, DepthwiseWeightSums<3, 1, 2>.self)
      unsafe addRows(behind(2 &* pairs), vectors % 2, DepthwiseWeightSums<3, 1, 1>.self)
    case (5, 5): unsafe addRows(self, vectors, DepthwiseWeightSums<5, 5, 1>.self)
    case (5, 4): unsafe addRows(self, vectors, DepthwiseWeightSums<5, 4, 1>.self)
    case (5, 3): unsafe addRows(self, vectors, DepthwiseWeightSums<5, 3, 1>.self)
    case (5, 2): unsafe addRows(self, vectors, DepthwiseWeightSums<5, 2, 1>.self)
    case (5, 1): unsafe addRows(self, vectors, DepthwiseWeightSums<5, 1, 1>.self)
    default: preconditionFailure("no sums for \(kernelRows) kernel rows of \(taps) taps")
    }
  }

  /// The same rows some vectors of channels further.
  @inline(__always)
  fileprivate func behind(_ vectors: Int) -> DepthwiseWeightRows {
    var rows = unsafe self
    unsafe rows.source += vectors &* NativeVector.scalarCount
    unsafe rows.gradient += vectors &* NativeVector.scalarCount
    unsafe rows.result += vectors &* NativeVector.scalarCount
    return unsafe rows
  }
}

/// Adds blocks of channels one after the other.
@inline(never)
private func addRows<let taps: Int, let kernelRows: Int, let vectors: Int>(
  _ first: DepthwiseWeightRows, _ count: Int, _: DepthwiseWeightSums<taps, kernelRows, vectors>.Type
) {
  for index in 0..<count {
    let block = unsafe first.behind(index &* vectors)
    var sums = DepthwiseWeightSums<taps, kernelRows, vectors>()
    for row in unsafe 0..<block.rows {
      unsafe sums.add(block, row)
    }
    unsafe sums.store(block)
  }
}

/// The sums of some kernel rows' taps, and the output gradients of the windows that the pixel at hand
/// belongs to: each pixel and each gradient is loaded once for all taps.
private struct DepthwiseWeightSums<let taps: Int, let kernelRows: Int, let vectors: Int> {
  typealias Pixel = InlineArray<vectors, NativeVector>

  private var sums = InlineArray<kernelRows, InlineArray<taps, Pixel>>(
    repeating: .init(repeating: .init(repeating: .zero)))

  @inline(__always)
  init() {}

  /// Adds a row of windows.
  @inline(__always)
  mutating func add(_ block: DepthwiseWeightRows, _ row: Int) {
    // The gradient of the window whose tap t is the pixel at hand.
    var gradients = InlineArray<taps, Pixel>(repeating: .init(repeating: .zero))
    let gradient = unsafe block.gradient + row &* block.gradientRow
    var source = unsafe block.source + row &* block.sourceRow
    let channels = unsafe block.channels
    let firstWindow = unsafe block.firstWindow
    for window in max(0, firstWindow &- taps &+ 1)..<max(0, firstWindow) {
      Self.shift(&gradients, unsafe Self.load(gradient, window &* channels))
    }
    var next = unsafe gradient + firstWindow &* channels
    let inside = unsafe max(0, min(block.pixels, block.windows &- firstWindow))
    for _ in 0..<inside {
      Self.shift(&gradients, unsafe Self.load(next, 0))
      unsafe addPixel(source, block.kernelRow, gradients)
      unsafe next += channels
      unsafe source += channels
    }
    for _ in unsafe inside..<block.pixels {
      Self.shift(&gradients, .init(repeating: .zero))
      unsafe addPixel(source, block.kernelRow, gradients)
      unsafe source += channels
    }
  }

  @inline(__always)
  private mutating func addPixel(
    _ source: UnsafePointer<Float>, _ kernelRow: Int, _ gradients: InlineArray<taps, Pixel>
  ) {
    for row in 0..<kernelRows {
      let numbers = unsafe Self.load(source, row &* kernelRow)
      for tap in 0..<taps {
        for vector in 0..<vectors {
          sums[row][tap][vector] = multiplyAdd(
            sums[row][tap][vector], numbers[vector], gradients[tap][vector])
        }
      }
    }
  }

  @inline(__always)
  private static func shift(_ gradients: inout InlineArray<taps, Pixel>, _ next: Pixel) {
    let old = gradients
    gradients[0] = next
    for tap in 1..<taps { gradients[tap] = old[tap &- 1] }
  }

  @inline(__always)
  private static func load(_ start: UnsafePointer<Float>, _ index: Int) -> Pixel {
    var numbers = Pixel(repeating: .zero)
    for vector in 0..<vectors {
      numbers[vector] = unsafe loadVector(start, index &+ vector &* NativeVector.scalarCount)
    }
    return numbers
  }

  @inline(__always)
  func store(_ block: DepthwiseWeightRows) {
    for row in 0..<kernelRows {
      for tap in 0..<taps {
        for vector in 0..<vectors {
          let place =
            unsafe (row &* taps &+ tap) &* block.channels &+ vector &* NativeVector.scalarCount
          let old = unsafe loadVector(UnsafePointer(block.result), place)
          unsafe storeVector(old + sums[row][tap][vector], block.result, place)
        }
      }
    }
  }
}
