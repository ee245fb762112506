import ArgumentParser
import Tidemark

/// What a network is built for.
struct InputOptions: ParsableArguments {
  /// The most floats of a batch of samples; low enough that no number of bytes overflows.
  static let largestElementCount = 1 << 36

  @Option(
    help: ArgumentHelp(
      "The shape of a sample: height, width and channels; one or three axes will do too.",
      valueName: "HxWxC"))
  var input = "28x28x1"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The number of classes.", valueName: "n"))
  var classes = "10"

  /// The shape of a sample.
  func shape() throws -> Shape {
    try Value.shape(input)
  }

  /// A model for these samples and classes.
  func network(of model: Model) throws -> Network {
    try model.network(
      input: try shape(),
      classes: try Value.integer(classes, flag: "--classes", in: 2...Value.largestCount))
  }

  /// The value of `--batch-size`, which must leave the number of bytes of a batch countable.
  func batchSize(_ text: String) throws -> Int {
    let size = try Value.integer(text, flag: "--batch-size", in: 1...Value.largestCount)
    let shape = try shape()
    guard shape.elementCount <= Self.largestElementCount / size else {
      throw UsageError(
        flag: "--batch-size", value: text,
        expectation: "at most \(Self.largestElementCount / shape.elementCount) for samples of "
          + "\(shape)")
    }
    return size
  }
}
