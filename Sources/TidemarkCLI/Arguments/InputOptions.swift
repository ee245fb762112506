import ArgumentParser
import Tidemark

/// What a network is built for.
struct InputOptions: ParsableArguments {
  /// The most floats of a batch of samples; low enough that no number of bytes overflows.
  static let largestElementCount = 1 << 36

  @Option(
    help: ArgumentHelp(
      "The shape of a sample: height, width and channels; one or three axes will do too. The one "
        + "that the model was made for if not given.", valueName: "HxWxC"))
  var input: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of classes; that of the model's usual data if not given.", valueName: "n"))
  var classes: String?

  /// The shape of a sample.
  func shape(for model: Model) throws -> Shape {
    try input.map { try Value.shape($0) } ?? model.usualInput
  }

  /// The number of classes.
  func classCount(for model: Model) throws -> Int {
    try classes.map { try Value.integer($0, flag: "--classes", in: 2...Value.largestCount) }
      ?? model.usualClassCount
  }

  /// A model for these samples and classes.
  func network(of model: Model) throws -> Network {
    try model.network(input: try shape(for: model), classes: try classCount(for: model))
  }

  /// The value of `--batch-size`, which must leave the number of bytes of a batch countable.
  func batchSize(_ text: String, for model: Model) throws -> Int {
    let size = try Value.integer(text, flag: "--batch-size", in: 1...Value.largestCount)
    let shape = try shape(for: model)
    guard shape.elementCount <= Self.largestElementCount / size else {
      throw UsageError(
        flag: "--batch-size", value: text,
        expectation: "at most \(Self.largestElementCount / shape.elementCount) for samples of "
          + "\(shape)")
    }
    return size
  }
}
