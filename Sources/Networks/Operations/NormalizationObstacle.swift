extension NetworkOperation {
  /// Why statistics of a batch's own values cannot be trained with: those of a single value are the
  /// value and 0, so that nothing of it is left.
  ///
  /// PyTorch refuses the same (`torch.nn.functional._verify_batch_size`).
  ///
  /// - Parameters:
  ///   - valueCount: The values that a mean and a variance are of.
  ///   - group: What they are those of, such as `channel`.
  ///   - shapes: The shapes around the node.
  /// - Returns: What is wrong and what would be right; nil for two values or more.
  func normalizationObstacle(valueCount: Int, group: String, _ shapes: NodeShapes) -> String? {
    guard valueCount == 1 else { return nil }
    return "it cannot be trained with one value a \(group), as a batch of \(shapes.batchSize) with "
      + "samples of \(shapes.output) has, since its mean would be the value itself and its variance "
      + "0; take a larger batch or larger samples, or freeze its statistics"
  }
}
