import Execution
import Kernels
import Networks
import Planning
import Testing
import Training

/// Gradients from values in few bits: they may be wrong, but not without bounds.
@Suite struct QuantizedGradientTests {
  private func norm(_ trainer: Trainer) -> Double {
    trainer.store.parameters.indices.reduce(0) { sum, index in
      unsafe trainer.store.gradient(index).reduce(sum) { $0 + Double($1) * Double($1) }
    }.squareRoot()
  }

  /// Fifty normalisations over a few rows each: with inputs of one bit each would multiply what
  /// comes from the one behind it, and the next loss would not be a number.
  @Test(arguments: [Quantization.Bits.one, .two], [2, 3, 8])
  func deepNormalizationsOverFewRowsDoNotOverflow(
    bits: Quantization.Bits, batchSize: Int
  ) throws {
    let network = try Model.resnet50.small()
    let full = try Trainer.forTest(network, .full, batchSize: batchSize)
    let quantized = try Trainer.forTest(
      network,
      Strategy(
        recomputation: .segments(2),
        approximation: .quantization(Quantization(bits: bits, seed: 0))), batchSize: batchSize)
    _ = try full.computeGradients()
    _ = try quantized.step()
    #expect(norm(quantized) < 5 * norm(full))
    _ = try quantized.step()
  }
}
