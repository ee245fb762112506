import KernelInterface

extension NativeKernels: PoolingKernels {
  @inline(never)
  package func averagePool(
    _ geometry: PoolingGeometry, outputRows: Range<Int>, countIncludePadding: Bool,
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    let channels = geometry.channels
    forEachWindow(geometry, outputRows: outputRows) { window in
      let cells =
        !countIncludePadding
        ? window.cellCount
        : geometry.windowsAreWhole
          ? geometry.kernelExtent.volume
          : cellCount(geometry, ofWindow: window.pixel, countIncludePadding: true)
      let share = 1 / Float(cells)
      forEachLanes(channels) { channel, lanes in
        var sum = Lanes(repeating: 0)
        window.forEachCell(geometry) { _, pixel in
          sum += unsafe input.loadLanes(pixel &* channels &+ channel, lanes)
        }
        unsafe output.storeLanes(sum * share, window.pixel &* channels &+ channel, lanes)
      }
    }
  }

  @inline(never)
  package func averagePoolBackward(
    _ geometry: PoolingGeometry, inputRows: Range<Int>, countIncludePadding: Bool,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    let channels = geometry.channels
    let sharesAreEqual = countIncludePadding && geometry.windowsAreWhole
    let wholeShare = 1 / Float(geometry.kernelExtent.volume)
    forEachPixel(geometry, inputRows: inputRows) { pixel in
      forEachLanes(channels) { channel, lanes in
        var sum = Lanes(repeating: 0)
        pixel.forEachWindow(geometry) { window, _ in
          let share =
            sharesAreEqual
            ? wholeShare
            : 1
              / Float(
                cellCount(geometry, ofWindow: window, countIncludePadding: countIncludePadding))
          sum += unsafe outputGradient.loadLanes(window &* channels &+ channel, lanes) * share
        }
        unsafe inputGradient.storeLanes(
          sum, pixel.pixel &* channels &+ channel, lanes, accumulate: accumulate)
      }
    }
  }

  @inline(never)
  package func broadcast(
    _ row: UnsafePointer<Float>, times factor: Float, into output: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int, accumulate: Bool
  ) {
    for index in 0..<rows {
      let target = unsafe output + index &* columns
      forEachLanes(columns) { column, lanes in
        let values = unsafe row.loadLanes(column, lanes) * factor
        unsafe target.storeLanes(values, column, lanes, accumulate: accumulate)
      }
    }
  }
}

/// The number of cells of a window, which is counted over batch and all axes, that lie inside the map,
/// or inside the padded map.
@inline(__always)
private func cellCount(
  _ geometry: PoolingGeometry, ofWindow window: Int, countIncludePadding: Bool
) -> Int {
  func count(_ axis: PoolingAxis, _ index: Int) -> Int {
    countIncludePadding
      ? axis.paddedCellCount(ofWindow: index) : axis.cells(ofWindow: index).count
  }
  let (row, x) = window.quotientAndRemainder(dividingBy: geometry.width.output)
  let (plane, y) = row.quotientAndRemainder(dividingBy: geometry.height.output)
  let z = plane % geometry.depth.output
  return count(geometry.depth, z) &* count(geometry.height, y) &* count(geometry.width, x)
}
