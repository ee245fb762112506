import KernelInterface

/// Max-pooling whose windows have more cells than a byte can number, such as those of whole maps.
///
/// Beside the kernels of small windows, since it is rare and waits for memory more than for vectors.
enum WideMaxPooling<Index: FixedWidthInteger & UnsignedInteger & BitwiseCopyable> {
  /// Writes the maxima of some output rows and which cell of the window held each.
  static func forward(
    _ geometry: PoolingGeometry, outputRows: Range<Int>, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, indices: UnsafeMutableRawPointer
  ) {
    let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
    let channels = geometry.channels
    let indices = unsafe indices.assumingMemoryBound(to: Index.self)
    for row in outputRows {
      let (plane, y) = row.quotientAndRemainder(dividingBy: height.output)
      let (sample, z) = plane.quotientAndRemainder(dividingBy: depth.output)
      let depthCells = depth.cells(ofWindow: z)
      let heightCells = height.cells(ofWindow: y)
      for x in 0..<width.output {
        let widthCells = width.cells(ofWindow: x)
        let first = (row * width.output + x) * channels
        let (best, bestCell) = unsafe (output + first, indices + first)
        let firstCell =
          (depthCells.lowerBound * height.kernel + heightCells.lowerBound) * width.kernel
          + widthCells.lowerBound
        unsafe best.update(repeating: -.infinity, count: channels)
        unsafe bestCell.update(repeating: Index(firstCell), count: channels)
        for depthCell in depthCells {
          let inputPlane =
            sample * depth.input + depth.start(ofWindow: z) + depthCell * depth.dilation
          for heightCell in heightCells {
            let inputRow =
              inputPlane * height.input + height.start(ofWindow: y)
              + heightCell * height.dilation
            let rowCell = (depthCell * height.kernel + heightCell) * width.kernel
            for widthCell in widthCells {
              let pixel =
                inputRow * width.input + width.start(ofWindow: x) + widthCell * width.dilation
              unsafe take(
                input + pixel * channels, cell: Index(rowCell + widthCell), channels: channels,
                best: best, bestCell: bestCell)
            }
          }
        }
      }
    }
  }

  /// Takes the values of a cell that are larger than what was found before; a NaN wins, and nothing
  /// wins against it.
  @inline(__always)
  private static func take(
    _ values: UnsafePointer<Float>, cell: Index, channels: Int,
    best: UnsafeMutablePointer<Float>, bestCell: UnsafeMutablePointer<Index>
  ) {
    for channel in 0..<channels {
      let value = unsafe values[channel]
      let old = unsafe best[channel]
      let wins = value > old || value != value
      unsafe best[channel] = wins ? value : old
      unsafe bestCell[channel] = wins ? cell : bestCell[channel]
    }
  }

  /// Writes or adds the gradients of some input rows.
  static func backward(
    _ geometry: PoolingGeometry, inputRows: Range<Int>, indices: UnsafeRawPointer,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    accumulate: Bool
  ) {
    let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
    let channels = geometry.channels
    let indices = unsafe indices.assumingMemoryBound(to: Index.self)
    for row in inputRows {
      let (plane, y) = row.quotientAndRemainder(dividingBy: height.input)
      let (sample, z) = plane.quotientAndRemainder(dividingBy: depth.input)
      for x in 0..<width.input {
        let destination = unsafe inputGradient + (row * width.input + x) * channels
        if !accumulate { unsafe destination.update(repeating: 0, count: channels) }
        for windowZ in depth.windows(coveringPixel: z) {
          for windowY in height.windows(coveringPixel: y) {
            let windowRow = (sample * depth.output + windowZ) * height.output + windowY
            for windowX in width.windows(coveringPixel: x) {
              guard let depthCell = depth.cell(onPixel: z, ofWindow: windowZ),
                let heightCell = height.cell(onPixel: y, ofWindow: windowY),
                let widthCell = width.cell(onPixel: x, ofWindow: windowX)
              else { continue }
              let rowCell = (depthCell * height.kernel + heightCell) * width.kernel
              let window = (windowRow * width.output + windowX) * channels
              unsafe give(
                outputGradient + window, winners: indices + window,
                cell: Index(rowCell + widthCell), channels: channels, to: destination)
            }
          }
        }
      }
    }
  }

  /// Adds the gradients of a window to the pixel of a cell, where that cell won.
  @inline(__always)
  private static func give(
    _ gradient: UnsafePointer<Float>, winners: UnsafePointer<Index>, cell: Index, channels: Int,
    to destination: UnsafeMutablePointer<Float>
  ) {
    for channel in 0..<channels {
      unsafe destination[channel] += winners[channel] == cell ? gradient[channel] : 0
    }
  }
}

extension PoolingAxis {
  /// The cell of a window that lies on a pixel; none if the window steps over it.
  fileprivate func cell(onPixel pixel: Int, ofWindow index: Int) -> Int? {
    let (cell, rest) = (pixel - start(ofWindow: index)).quotientAndRemainder(dividingBy: dilation)
    return rest == 0 ? cell : nil
  }
}
