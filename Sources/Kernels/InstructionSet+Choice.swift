import CProcessorFeatures
import Glibc
import KernelInterface

extension InstructionSet {
  /// The environment variable that forces an instruction set.
  public static var environmentVariable: String { "TIDEMARK_INSTRUCTION_SET" }

  /// The instruction sets that this processor has, the narrowest first.
  public static var available: [InstructionSet] {
    allCases.filter { set in
      switch set {
      case .baseline: true
      case .avx2: tidemark_has_avx2()
      case .avx512: tidemark_has_avx512()
      }
    }
  }

  /// The widest instruction set that this processor has.
  public static var widest: InstructionSet { available.last ?? .baseline }

  /// The instruction set that the environment variable names, else the widest.
  ///
  /// - Throws: `InstructionSetError` if the variable names none, or one that this processor lacks.
  public static func chosen() throws(InstructionSetError) -> InstructionSet {
    guard let value = unsafe getenv(environmentVariable) else { return widest }
    return try chosen(named: unsafe String(cString: value))
  }

  package static func chosen(named name: String) throws(InstructionSetError) -> InstructionSet {
    let names = available.map(\.rawValue).joined(separator: ", ")
    guard let set = InstructionSet(rawValue: name) else {
      throw InstructionSetError(
        "\(environmentVariable) is \"\(name)\", which is no instruction set; use one of \(names)")
    }
    guard available.contains(set) else {
      throw InstructionSetError(
        "\(environmentVariable) is \"\(name)\", which this processor lacks; use one of \(names)")
    }
    return set
  }
}

/// Says in one sentence why an instruction set cannot be used.
public struct InstructionSetError: Error, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
