/// The sizes of a nearest upsampling: every pixel becomes a block of equal pixels.
///
/// Activations are laid out (batch, depth, height, width, channels), channels innermost.
public struct UpsamplingGeometry: Hashable, Sendable {
  /// The number of samples.
  public let batchSize: Int
  /// The number of channels, of the input as of the output.
  public let channels: Int
  /// The size of the input map.
  public let inputExtent: Extent3
  /// The size of the block that a pixel becomes.
  public let factor: Extent3

  /// Creates a geometry; all numbers must be at least 1.
  public init(batchSize: Int, channels: Int, inputExtent: Extent3, factor: Extent3) {
    precondition(
      min(channels, factor.depth, factor.height, factor.width) >= 1,
      "an upsampling needs channels and factors of at least 1")
    self.batchSize = batchSize
    self.channels = channels
    self.inputExtent = inputExtent
    self.factor = factor
  }

  /// The number of lines of the input, over all samples.
  package var inputLines: Int { batchSize * inputExtent.depth * inputExtent.height }

  /// The number of output lines that an input line is copied to.
  package var linesPerLine: Int { factor.depth * factor.height }

  /// The elements of an input line.
  package var inputLineElements: Int { inputExtent.width * channels }

  /// The elements of an output line.
  package var outputLineElements: Int { inputLineElements * factor.width }

  /// The output line that copy `copy` of an input line is.
  package func outputLine(of line: Int, copy: Int) -> Int {
    let (slice, row) = line.quotientAndRemainder(dividingBy: inputExtent.height)
    let (down, across) = copy.quotientAndRemainder(dividingBy: factor.height)
    let outputSlice = slice * factor.depth + down
    return (outputSlice * inputExtent.height + row) * factor.height + across
  }
}
