import Kernels

/// Some of the channels, one after the other or at equal distances; keeps nothing.
public struct ChannelSlice: NetworkOperation {
  private let start: Int
  private let stop: Int
  private let step: Int

  /// Creates a slice: channels `start`, `start + step`, … below `stop`.
  ///
  /// - Parameters:
  ///   - start: The first channel.
  ///   - stop: The end, which is not reached; at most the input's channels.
  ///   - step: The distance from one channel to the next; at least 1.
  public init(from start: Int, to stop: Int, step: Int = 1) {
    self.start = start
    self.stop = stop
    self.step = step
  }

  /// The kind `slice`.
  public var kind: String { "slice" }

  /// The input's map with the channels of the slice.
  public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = try onlyInput(inputs)
    guard step >= 1, start >= 0, start < stop, stop <= input.channels else {
      throw ShapeError(
        "a slice from channel \(start) to \(stop) in steps of \(step) is not one of "
          + "\(input.channels) channels: it begins at 0 or above, ends behind its beginning, and "
          + "has steps of at least 1")
    }
    return Shape(spatial: input.spatial, channels: (stop - start - 1) / step + 1)
  }

  /// None: it only copies.
  public func forwardFLOPs(_ shapes: NodeShapes) -> Int { 0 }

  /// The channels of the slice, read and written; backward all of the input's gradient is written.
  public func trafficByteCount(_ pass: PassDirection, _ shapes: NodeShapes) -> Int {
    pass == .forward
      ? 2 * shapes.output.byteCount(batchSize: shapes.batchSize) : shapes.inputAndOutputByteCount
  }

  /// Nothing.
  public func residualNeeds(for demand: GradientDemand) -> [ResidualNeed] { [] }

  /// It does.
  public var keepsNonNegative: Bool { true }

  /// Copies the channels.
  public func forward(_ pass: ForwardPass) {
    let shapes = pass.shapes
    unsafe pass.engine.gatherChannels(
      pass.inputs[0], sourceChannels: shapes.inputs[0].channels, start: start, step: step,
      into: pass.output.unwrapped, channels: shapes.output.channels, rows: shapes.inputPixelCount,
      accumulate: false)
  }

  /// Copies the gradient to its channels; that of the others is 0.
  public func backward(_ pass: BackwardPass) {
    guard let destination = pass.inputGradients[0] else { return }
    let shapes = pass.shapes
    unsafe pass.engine.scatterChannels(
      pass.outputGradient.unwrapped, channels: shapes.output.channels, into: destination.memory,
      destinationChannels: shapes.inputs[0].channels, start: start, step: step,
      rows: shapes.inputPixelCount, accumulate: destination.accumulate)
  }
}

extension GraphBuilder {
  /// Adds nodes that split a value's channels into neighbouring slices.
  ///
  /// - Parameters:
  ///   - value: The node whose value is split.
  ///   - sizes: The channels of each slice; together all of the value's.
  ///   - name: What the slices' names begin with; a number follows.
  /// - Returns: The node of each slice.
  /// - Throws: `NetworkError` if the slices are not all of the value's channels.
  public mutating func split(
    _ value: NodeID, sizes: [Int], name: String = "split"
  ) throws(NetworkError) -> [NodeID] {
    let channels = shape(of: value).channels
    var ends: [Int] = []
    for size in sizes {
      let (end, overflow) = (ends.last ?? 0).addingReportingOverflow(size)
      guard size >= 1, !overflow else { break }
      ends.append(end)
    }
    guard ends.count == sizes.count, ends.last == channels else {
      throw NetworkError(
        layer: name,
        reason: "slices of \(sizes.map(String.init).joined(separator: ", ")) channels do not make "
          + "up the \(channels) channels that it splits")
    }
    var slices: [NodeID] = []
    for (index, end) in ends.enumerated() {
      slices.append(
        try add(
          ChannelSlice(from: end - sizes[index], to: end), inputs: [value],
          name: "\(name)\(index + 1)"))
    }
    return slices
  }
}
