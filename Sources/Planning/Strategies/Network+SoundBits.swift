import KernelInterface
import Networks

extension Network {
  /// How much the power of a gradient grows in a normalisation over one row whose input waits in one
  /// bit an element.
  ///
  /// Measured in resnet50 over 12 to 648 rows: 1 + 290 / rows. Groups of 256 hold several channels,
  /// so that an error has about 17 times the variance of its own channel.
  private static let growthOfOneBit = 290.0

  /// The fewest bits, at least those asked for, in which a value can wait without letting gradients
  /// grow from layer to layer.
  ///
  /// The gradient of a normalisation's input holds the normalised input times the mean of its product
  /// with the output's gradient. With errors of ρ times the variance in both, the gradient's power
  /// grows by 1 + ρ²/n for n rows: nothing where there are thousands, but over a few dozen the
  /// gradients of a deep network overflow. All normalisations of the network together may multiply it
  /// by e.
  ///
  /// - Parameters:
  ///   - bits: The bits that are asked for.
  ///   - value: The value; only normalisations over a batch that read it need more.
  ///   - batchSize: The number of samples.
  /// - Returns: The bits.
  func soundBits(
    atLeast bits: Quantization.Bits, for value: NodeID, batchSize: Int
  ) -> Quantization.Bits {
    func isNormalization(_ node: NodeID) -> Bool {
      nodes[node].operation.mixesSamples && !nodes[node].operation.isLoss
    }
    guard readers[value].contains(where: isNormalization) else { return bits }
    let rows = Double(batchSize * nodes[value].outputShape.pixelCount)
    let depth = Double(nodes.indices.count(where: isNormalization))
    return Quantization.Bits.allCases.first { choice in
      let steps = Double(1 << choice.rawValue - 1)
      let growth = Self.growthOfOneBit / (steps * steps * steps * steps)
      return choice.rawValue >= bits.rawValue && growth * depth <= rows
    } ?? .eight
  }
}
