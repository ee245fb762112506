/// An instruction set that the kernels are compiled for.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// Any 64-bit x86 processor: vectors of four floats, no fused multiply-add.
  case baseline
  /// Vectors of eight floats with fused multiply-add.
  case avx2
  /// Vectors of sixteen floats with fused multiply-add.
  case avx512
}
