import ArgumentParser
import Tidemark

/// What a network is built for.
struct InputOptions: ParsableArguments {
  /// The most floats of a batch of samples; low enough that no number of bytes overflows.
  static let largestElementCount = 1 << 36

  @Option(
    help: ArgumentHelp(
      "The shape of a sample: height, width and channels; one or three axes will do too. The one "
        + "that the model was made for if not given.", valueName: "HxWxC"), transform: Value.shape)
  var input: Shape?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of classes; that of the model's usual data if not given.", valueName: "n"),
    transform: Value.whole(2...Value.largestCount))
  var classes: Int?

  /// A model for these samples and classes.
  func network(of model: Model) throws -> Network {
    try model.network(
      input: input ?? model.usualInput, classes: classes ?? model.usualClassCount)
  }

  /// Requires that the number of bytes of a batch can be counted.
  ///
  /// - Throws: `ValidationError` that says which sizes can.
  func require(batchSize: Int, for model: Model) throws(ValidationError) {
    let shape = input ?? model.usualInput
    guard shape.elementCount <= Self.largestElementCount / batchSize else {
      throw ValidationError(
        flag: "--batch-size", value: "\(batchSize)",
        expectation: "at most \(Self.largestElementCount / shape.elementCount) for samples of "
          + "\(shape)")
    }
  }
}
