import AVX2Kernels
import AVX512Kernels
import BaselineKernels
import KernelInterface
import Kernels

// A module of its own above `Kernels`: networks, schedules and training see an engine but not the
// kernels of an instruction set, and so are compiled beside these, which take longest.
extension Engine {
  /// Creates an engine with threads of its own and the kernels of an instruction set.
  ///
  /// - Parameters:
  ///   - threadCount: The number of threads; at least 1.
  ///   - instructionSet: The instruction set; it must be among `InstructionSet.available`.
  public init(threadCount: Int, instructionSet: InstructionSet) {
    let kernels: any KernelSet =
      switch instructionSet {
      case .baseline: BaselineKernels.NativeKernels()
      case .avx2: AVX2Kernels.NativeKernels()
      case .avx512: AVX512Kernels.NativeKernels()
      }
    self.init(threadCount: threadCount, instructionSet: instructionSet, kernels: kernels)
  }
}
