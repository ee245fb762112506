import KernelInterface
import Kernels
import TestSupport
import Testing

/// Windows that touch, overlap, leave gaps, hang over borders, are dilated, reach beyond the padding,
/// divide the map; one to three axes; few channels and many; cells that one, two and four bytes number.
private let geometries: [PoolingGeometry] = {
  func geometry(
    _ batch: Int, _ channels: Int, _ input: (Int, Int, Int), _ kernel: (Int, Int, Int),
    _ stride: (Int, Int, Int), _ before: (Int, Int, Int) = (0, 0, 0),
    _ after: (Int, Int, Int)? = nil, dilation: (Int, Int, Int) = (1, 1, 1), ceil: Bool = false
  ) -> PoolingGeometry? {
    return try? PoolingGeometry(
      batchSize: batch, channels: channels, inputExtent: extent(input),
      kernelExtent: extent(kernel), stride: extent(stride), paddingBefore: extent(before),
      paddingAfter: extent(after ?? before), dilation: extent(dilation), ceilMode: ceil)
  }
  func extent(_ numbers: (Int, Int, Int)) -> Extent3 {
    Extent3(depth: numbers.0, height: numbers.1, width: numbers.2)
  }
  func adaptive(
    _ batch: Int, _ channels: Int, _ input: (Int, Int, Int), _ output: (Int, Int, Int)
  ) -> PoolingGeometry? {
    try? PoolingGeometry(
      batchSize: batch, channels: channels, inputExtent: extent(input),
      adaptiveOutput: extent(output))
  }
  return [
    geometry(2, 5, (1, 8, 6), (1, 2, 2), (1, 2, 2)),
    geometry(2, 16, (1, 7, 9), (1, 2, 2), (1, 2, 2)),
    geometry(3, 33, (1, 9, 8), (1, 3, 3), (1, 2, 2), (0, 1, 1)),
    geometry(1, 1, (1, 1, 17), (1, 1, 3), (1, 1, 1), (0, 0, 2), (0, 0, 0)),
    geometry(2, 7, (1, 10, 11), (1, 2, 1), (1, 3, 4)),
    geometry(2, 3, (4, 5, 6), (2, 3, 2), (2, 1, 3), (1, 2, 0), (0, 1, 1)),
    geometry(1, 4, (1, 1, 1), (1, 3, 3), (1, 2, 2), (0, 1, 1)),
    geometry(0, 4, (1, 4, 4), (1, 2, 2), (1, 2, 2)),
    geometry(1, 2, (1, 20, 20), (1, 16, 16), (1, 1, 1), (0, 3, 0), (0, 0, 5)),
    geometry(4, 64, (1, 28, 28), (1, 2, 2), (1, 2, 2)),
    geometry(2, 18, (5, 6, 7), (2, 3, 2), (2, 3, 2)),
    geometry(2, 5, (1, 9, 12), (1, 3, 3), (1, 1, 1), dilation: (1, 2, 3)),
    geometry(2, 17, (1, 8, 9), (1, 3, 2), (1, 2, 3), (0, 1, 1), (0, 3, 0), dilation: (1, 2, 4)),
    geometry(2, 3, (3, 6, 8), (2, 3, 3), (2, 2, 2), (0, 1, 0), ceil: true),
    geometry(2, 3, (1, 5, 4), (1, 2, 2), (1, 3, 3), (0, 1, 1), ceil: true),
    geometry(1, 16, (1, 2, 2), (1, 3, 3), (1, 2, 2), ceil: true),
    geometry(1, 2, (1, 40, 41), (1, 17, 17), (1, 5, 8), (0, 3, 0), ceil: true),
    adaptive(2, 5, (1, 7, 8), (1, 3, 3)), adaptive(1, 33, (1, 5, 3), (1, 7, 5)),
    adaptive(2, 3, (5, 4, 7), (3, 3, 2)), adaptive(2, 19, (1, 20, 23), (1, 1, 1)),
    adaptive(1, 4, (1, 30, 50), (1, 2, 3)), adaptive(1, 1, (1, 260, 257), (1, 1, 1)),
  ].compactMap { $0 }
}()

@Suite struct PoolingTests {
  @Test func allGeometriesAreValid() { #expect(geometries.count == 23) }

  @Test(arguments: geometries, [false, true])
  func maximum(geometry: PoolingGeometry, ties: Bool) throws {
    var random = TestRandom(seed: 4)
    // Few different values tie often; some windows hold −∞ alone.
    let x = random.floats(geometry.inputCount).map {
      ties ? ($0 < -0.3 ? -.infinity : ($0 * 2).rounded()) : $0
    }
    let gradient = random.floats(geometry.outputCount)
    let start = random.floats(geometry.inputCount)
    let (floats, indices) = try sameForEveryEngine("\(geometry)") { engine, memory in
      let input = memory.floats(x)
      let output = memory.unwritten(geometry.outputCount)
      let withoutIndices = memory.unwritten(geometry.outputCount)
      let indices = memory.unwrittenBytes(geometry.outputCount * geometry.indexByteCount)
      let outputGradient = memory.floats(gradient)
      let inputGradient = memory.unwritten(geometry.inputCount)
      let added = memory.floats(start)
      unsafe engine.maxPool(
        geometry, input: input.constant, output: withoutIndices.pointer, indices: nil)
      unsafe engine.maxPool(
        geometry, input: input.constant, output: output.pointer, indices: indices.pointer)
      unsafe engine.maxPoolBackward(
        geometry, indices: indices.constant, outputGradient: outputGradient.constant,
        inputGradient: inputGradient.pointer, accumulate: false)
      unsafe engine.maxPoolBackward(
        geometry, indices: indices.constant, outputGradient: outputGradient.constant,
        inputGradient: added.pointer, accumulate: true)
      return Pair(
        [output.values, withoutIndices.values, inputGradient.values, added.values], indices.values)
    }.elements
    var output: [Float] = []
    var cells: [Int] = []
    var inputGradient = [Double](repeating: 0, count: x.count)
    forEachReferenceWindow(geometry) { window, _ in
      let best = window.reduce(window[0]) { x[$1.index] > x[$0.index] ? $1 : $0 }
      inputGradient[best.index] += Double(gradient[output.count])
      output.append(x[best.index])
      cells.append(best.cell)
    }
    expectSame(floats[0], output)
    expectSame(floats[1], output)
    // Little-endian.
    let numbers = stride(from: 0, to: indices.count, by: geometry.indexByteCount).map { start in
      indices[start..<start + geometry.indexByteCount].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    expectSame(numbers, cells)
    expectClose(floats[2], inputGradient, tolerance: 1e-6, "gradient")
    expectClose(
      floats[3], zip(start, inputGradient).map { Double($0) + $1 }, tolerance: 1e-6, "added")
  }

  /// The gradient of a pixel is a sum, whether one window covers it or more may: it is never −0.
  @Test(arguments: [1, 2])
  func theGradientOfMinusZeroIsZero(stride: Int) throws {
    let geometry = try PoolingGeometry(
      batchSize: 1, channels: 17, inputExtent: Extent3(depth: 1, height: 1, width: 5),
      kernelExtent: Extent3(depth: 1, height: 1, width: 2),
      stride: Extent3(depth: 1, height: 1, width: stride))
    let count = geometry.outputCount
    let gradient = try sameForEveryEngine("−0") { engine, memory in
      let indices = memory.unwrittenBytes(count)
      let written = memory.unwritten(geometry.inputCount)
      let added = memory.floats([Float](repeating: -0.0, count: geometry.inputCount))
      unsafe engine.maxPool(
        geometry, input: memory.floats([Float](repeating: 1, count: geometry.inputCount)).constant,
        output: memory.unwritten(count).pointer, indices: indices.pointer)
      for (target, accumulate) in [(written, false), (added, true)] {
        unsafe engine.maxPoolBackward(
          geometry, indices: indices.constant,
          outputGradient: memory.floats([Float](repeating: -0.0, count: count)).constant,
          inputGradient: target.pointer, accumulate: accumulate)
      }
      return written.values + added.values
    }
    #expect(gradient.allSatisfy { $0.bitPattern == 0 })
  }

  @Test func aNaNWins() throws {
    let geometry = try PoolingGeometry(
      batchSize: 1, channels: 1, inputExtent: Extent3(depth: 1, height: 1, width: 6),
      kernelExtent: Extent3(depth: 1, height: 1, width: 3),
      stride: Extent3(depth: 1, height: 1, width: 3))
    let result = try sameForEveryEngine("NaN") { engine, memory in
      let output = memory.unwritten(2)
      let indices = memory.unwrittenBytes(2)
      unsafe engine.maxPool(
        geometry, input: memory.floats([1, .nan, 2, 3, 4, 5]).constant, output: output.pointer,
        indices: indices.pointer)
      return Pair(output.values.map(\.isNaN), indices.values)
    }
    #expect(result == Pair([true, false], [1, 2]))
  }

  // Means of so many cells that they need four bytes cancel to less than the tolerance.
  @Test(arguments: geometries.filter { $0.indexByteCount < 4 }, [false, true])
  func average(geometry: PoolingGeometry, countIncludePadding: Bool) throws {
    var random = TestRandom(seed: 6)
    let x = random.floats(geometry.inputCount)
    let gradient = random.floats(geometry.outputCount)
    let start = random.floats(geometry.inputCount)
    let results = try sameForEveryEngine("\(geometry)") { engine, memory in
      let output = memory.unwritten(geometry.outputCount)
      let outputGradient = memory.floats(gradient)
      let inputGradient = memory.unwritten(geometry.inputCount)
      let added = memory.floats(start)
      unsafe engine.averagePool(
        geometry, countIncludePadding: countIncludePadding, input: memory.floats(x).constant,
        output: output.pointer)
      unsafe engine.averagePoolBackward(
        geometry, countIncludePadding: countIncludePadding,
        outputGradient: outputGradient.constant, inputGradient: inputGradient.pointer,
        accumulate: false)
      unsafe engine.averagePoolBackward(
        geometry, countIncludePadding: countIncludePadding,
        outputGradient: outputGradient.constant, inputGradient: added.pointer, accumulate: true)
      return [output.values, inputGradient.values, added.values]
    }
    var output: [Double] = []
    var inputGradient = [Double](repeating: 0, count: x.count)
    forEachReferenceWindow(geometry) { window, paddedCount in
      let divisor = Double(countIncludePadding ? paddedCount : window.count)
      for (index, _) in window { inputGradient[index] += Double(gradient[output.count]) / divisor }
      output.append(window.reduce(0) { $0 + Double(x[$1.index]) } / divisor)
    }
    expectClose(results[0], output, tolerance: 1e-6, "output")
    expectClose(results[1], inputGradient, tolerance: 1e-6, "gradient")
    expectClose(
      results[2], zip(start, inputGradient).map { Double($0) + $1 }, tolerance: 1e-6, "added")
  }

  @Test(arguments: [(0, 4, 5), (1, 1, 1), (3, 35, 17), (70, 49, 64), (2, 784, 10), (2, 6, 513)])
  func globalAverage(batch: Int, pixels: Int, channels: Int) throws {
    var random = TestRandom(seed: 8)
    let x = random.floats(batch * pixels * channels)
    let gradient = random.floats(batch * channels)
    let results = try sameForEveryEngine("\(batch), \(pixels), \(channels)") { engine, memory in
      let output = memory.unwritten(batch * channels)
      let outputGradient = memory.floats(gradient)
      let inputGradient = memory.unwritten(x.count)
      let added = memory.floats(x)
      unsafe engine.globalAveragePool(
        input: memory.floats(x).constant, output: output.pointer, batch: batch, pixels: pixels,
        channels: channels)
      for accumulate in [false, true] {
        unsafe engine.globalAveragePoolBackward(
          outputGradient: outputGradient.constant,
          inputGradient: (accumulate ? added : inputGradient).pointer, batch: batch,
          pixels: pixels, channels: channels, accumulate: accumulate)
      }
      return [output.values, inputGradient.values, added.values]
    }
    var output = [Double](repeating: 0, count: gradient.count)
    let inputGradient = x.indices.map { index in
      let target = index / (pixels * channels) * channels + index % channels
      output[target] += Double(x[index]) / Double(pixels)
      return Double(gradient[target]) / Double(pixels)
    }
    expectClose(results[0], output, tolerance: 1e-6, "output")
    expectClose(results[1], inputGradient, tolerance: 1e-6, "gradient")
    expectClose(
      results[2], zip(x, inputGradient).map { Double($0) + $1 }, tolerance: 1e-6, "added")
  }
}

/// Calls `body` for every element of the output in order, with the cells of its window that lie
/// inside the map (the element of the input, and the cell's number), and with the number of those inside
/// the padded map.
private func forEachReferenceWindow(
  _ geometry: PoolingGeometry,
  _ body: (_ window: [(index: Int, cell: Int)], _ paddedCount: Int) -> Void
) {
  /// The positions of the cells of a window.
  func positions(_ axis: PoolingAxis, _ window: Int) -> [Int] {
    if axis.isAdaptive {
      let end = Double((window + 1) * axis.input) / Double(axis.output)
      return Array(window * axis.input / axis.output..<Int(end.rounded(.up)))
    }
    return (0..<axis.kernel).map {
      window * axis.stride - axis.paddingBefore + $0 * axis.dilation
    }
  }
  let (depth, height, width) = (geometry.depth, geometry.height, geometry.width)
  for element in 0..<geometry.outputCount {
    let channel = element % geometry.channels
    let pixel = element / geometry.channels
    let row = pixel / width.output
    let plane = row / height.output
    let sample = plane / depth.output
    var window: [(index: Int, cell: Int)] = []
    var paddedCount = 0
    for (cellZ, z) in positions(depth, plane % depth.output).enumerated() {
      for (cellY, y) in positions(height, row % height.output).enumerated() {
        for (cellX, x) in positions(width, pixel % width.output).enumerated() {
          if z < depth.input + depth.paddingAfter, y < height.input + height.paddingAfter,
            x < width.input + width.paddingAfter
          {
            paddedCount += 1
          }
          guard 0..<width.input ~= x, 0..<height.input ~= y, 0..<depth.input ~= z else { continue }
          let inputRow = (sample * depth.input + z) * height.input + y
          window.append(
            (
              (inputRow * width.input + x) * geometry.channels + channel,
              (cellZ * height.kernel + cellY) * width.kernel + cellX
            ))
        }
      }
    }
    body(window, paddedCount)
  }
}
