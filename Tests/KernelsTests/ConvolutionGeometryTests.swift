import KernelInterface
import Kernels
import Testing

@Suite struct ConvolutionGeometryTests {
  @Test func whatDoesNotFitIsSaidInOneSentence() {
    func sentence(
      channels: Int = 4, outputs: Int = 8, groups: Int = 1, size: Int = 5, kernel: Int = 3,
      stride: Int = 1, padding: Int = 0, dilation: Int = 1, batch: Int = 1
    ) -> String? {
      let plane = { Extent3(depth: 1, height: $0, width: $0) }
      let border = Extent3(depth: 0, height: padding, width: padding)
      do {
        _ = try ConvolutionGeometry(
          batchSize: batch, inputChannels: channels, outputChannels: outputs, groups: groups,
          inputExtent: plane(size), kernelExtent: plane(kernel), stride: plane(stride),
          paddingBefore: border, paddingAfter: border, dilation: plane(dilation))
        return nil
      } catch {
        return error.description
      }
    }
    #expect(sentence() == nil)
    #expect(sentence(size: 2, padding: 1) == nil)
    #expect(
      sentence(size: 2)
        == "the kernel of the convolution spans 3 positions along the height, "
        + "but the padded input has only 2")
    #expect(sentence(size: 4, dilation: 2)?.contains("spans 5 positions") == true)
    #expect(
      sentence(groups: 3)
        == "the 4 input channels of the convolution do not divide into 3 groups")
    #expect(sentence(outputs: 6, groups: 4)?.contains("6 output channels") == true)
    for wrong in [
      sentence(channels: 0), sentence(outputs: -1), sentence(groups: 0), sentence(size: 0),
      sentence(kernel: 0), sentence(stride: 0), sentence(padding: -1), sentence(dilation: 0),
      sentence(batch: 0), sentence(batch: Int.max), sentence(size: Int(Int32.max)),
    ] {
      #expect(wrong != nil)
    }
  }

  @Test func anInstructionSetIsChosenByItsName() throws {
    for set in InstructionSet.available {
      #expect(try InstructionSet.chosen(named: set.rawValue) == set)
    }
    #expect(throws: InstructionSetError.self) { try InstructionSet.chosen(named: "AVX") }
    #expect(throws: InstructionSetError.self) { try InstructionSet.chosen(named: "") }
  }
}
