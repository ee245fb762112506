import Files
import Kernels

extension BenchmarkLayer {
  /// The numbers that spell a geometry, in order.
  public static let geometrySpelling = "n,c,h,w,k,r,s,stride,padding,dilation,groups"

  /// The most floats of one tensor; low enough that no number of bytes overflows.
  private static let largestElementCount = 1 << 36
  /// The most arithmetic of one pass: hours on any machine.
  private static let largestOperationCount = 1e16

  /// Creates a layer from the name of one of the table, or from any geometry of a map.
  ///
  /// - Parameter text: A name, or eleven numbers between commas: batch size, input channels, height,
  ///   width, output channels, kernel height and width, stride, padding on every side, dilation and
  ///   groups.
  /// - Throws: `UnknownNameError` if there is no layer of that name, `BenchmarkError` if the numbers
  ///   are not a convolution that can be timed.
  public init(parsing text: String) throws {
    guard text.contains(",") else {
      guard let layer = Self.table.first(where: { $0.name == text }) else {
        throw UnknownNameError(kind: "layer", name: text, known: Self.table.map(\.name))
      }
      self = layer
      return
    }
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Int($0) }
    guard words.count == 11, numbers.count == words.count else {
      throw BenchmarkError(
        "the layer '\(text)' is not spelled as \(Self.geometrySpelling), eleven whole numbers")
    }
    func extent(_ height: Int, _ width: Int, depth: Int) -> Extent3 {
      Extent3(depth: depth, height: height, width: width)
    }
    let padding = extent(numbers[8], numbers[8], depth: 0)
    let geometry: ConvolutionGeometry
    do throws(ConvolutionGeometryError) {
      geometry = try ConvolutionGeometry(
        batchSize: numbers[0], inputChannels: numbers[1], outputChannels: numbers[4],
        groups: numbers[10], inputExtent: extent(numbers[2], numbers[3], depth: 1),
        kernelExtent: extent(numbers[5], numbers[6], depth: 1),
        stride: extent(numbers[7], numbers[7], depth: 1), paddingBefore: padding,
        paddingAfter: padding, dilation: extent(numbers[9], numbers[9], depth: 1))
    } catch {
      throw BenchmarkError("the layer '\(text)' cannot be: \(error)")
    }
    try Self.requireCountable(geometry, named: text)
    self.init(name: text, geometry: geometry)
  }

  /// Requires that bytes and arithmetic can be counted.
  ///
  /// - Throws: `BenchmarkError` if they are beyond any machine.
  static func requireCountable(
    _ geometry: ConvolutionGeometry, named name: String
  ) throws(BenchmarkError) {
    let largest = max(geometry.inputCount, geometry.outputCount, geometry.weightCount)
    let operations =
      2 * Double(geometry.outputCount) * Double(geometry.weightCount)
      / Double(geometry.outputChannels)
    guard largest <= largestElementCount, operations <= largestOperationCount else {
      throw BenchmarkError(
        "the layer '\(name)' is too large: a tensor may have \(largestElementCount) numbers "
          + "and a pass 10^16 operations")
    }
  }
}
