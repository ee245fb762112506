import KernelInterface
import Kernels
import NativeEngine
import OracleSupport
import Testing

@Suite struct ConvolutionOracleTests {
  @Test(arguments: InstructionSet.available)
  func everyCaseAgreesWithPyTorch(instructionSet: InstructionSet) throws {
    let engine = Engine(threadCount: 2, instructionSet: instructionSet)
    let cases = try OracleFile("conv").cases()
    #expect(!cases.isEmpty)
    for oracle in cases {
      let hasBias = try oracle.fields.bool("bias")
      let example = ConvolutionCase(
        geometry: try geometry(oracle),
        input: try oracle.tensor("x").channelsLast().values,
        weights: try oracle.tensor("w").convolutionWeights().values,
        bias: hasBias ? try oracle.tensor("b").values : nil,
        outputGradient: try oracle.tensor("dy").channelsLast().values)
      for results in [example.reference(), try #require(example.results(of: engine))] {
        var comparisons = [
          try oracle.compare(results.output, with: "y") { $0.channelsLast() },
          try oracle.compare(results.inputGradient, with: "dx") { $0.channelsLast() },
          try oracle.compare(results.weightGradient, with: "dw") { $0.convolutionWeights() },
        ]
        if hasBias { comparisons.append(try oracle.compare(results.biasGradient, with: "db")) }
        for comparison in comparisons { #expect(comparison.agrees, "\(comparison)") }
      }
      #expect(oracle.unread == [], "\(oracle)")
    }
  }

  private func geometry(_ oracle: OracleCase) throws -> ConvolutionGeometry {
    func extent(_ name: String, leading: Int) throws -> Extent3 {
      let numbers = try oracle.fields.spatial(name, leading: leading)
      return Extent3(depth: numbers[0], height: numbers[1], width: numbers[2])
    }
    let padding = try extent("pad", leading: 0)
    let geometry = try ConvolutionGeometry(
      batchSize: oracle.fields.integer("N"), inputChannels: oracle.fields.integer("C"),
      outputChannels: oracle.fields.integer("K"), groups: oracle.fields.integer("groups"),
      inputExtent: extent("size", leading: 1), kernelExtent: extent("kernel", leading: 1),
      stride: extent("stride", leading: 1), paddingBefore: padding, paddingAfter: padding,
      dilation: extent("dilation", leading: 1))
    #expect(try geometry.outputExtent == extent("output_size", leading: 1))
    return geometry
  }
}
