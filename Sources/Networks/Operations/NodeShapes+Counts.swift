extension NodeShapes {
  /// The bytes of a batch of all inputs and the output: what an operation moves, in either direction,
  /// that keeps nothing.
  var inputAndOutputByteCount: Int {
    inputs.reduce(output.byteCount(batchSize: batchSize)) {
      $0 + $1.byteCount(batchSize: batchSize)
    }
  }

  /// The pixels of a batch of the output.
  var outputPixelCount: Int { batchSize * output.pixelCount }

  /// The pixels of a batch of the first input.
  var inputPixelCount: Int { batchSize * (inputs.first?.pixelCount ?? 0) }
}
