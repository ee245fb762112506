import Foundation
import Testing

/// Guards what no result shows: that sums stay in registers, and that no function that is compiled
/// for one instruction set can take the place of another's.
@Suite(.enabled(if: KernelObjects.areReadable, "needs a release build and binutils"))
struct ConvolutionMachineCodeTests {
  @Test(arguments: ["AVX2Kernels", "AVX512Kernels"])
  func innerLoopsOfTilesDoNotSpill(target: String) throws {
    let functions = try Binutils.functions(of: KernelObjects.files(of: target))
    var loopCount = 0
    for function in functions where isTile(function.name) {
      for loop in function.innermostMultiplyingLoops {
        loopCount += 1
        for instruction in loop {
          #expect(
            !instruction.touchesMemoryOfSums,
            "\(instruction.mnemonic) \(instruction.operands) in \(function.name)")
        }
      }
    }
    // Three layouts of at least eight shapes, and as many depthwise ones.
    #expect(loopCount >= 40, "the tiles were not found: has their name changed?")
  }

  @Test func noFunctionIsSharedByTwoInstructionSets() throws {
    let targets = ["BaselineKernels", "AVX2Kernels", "AVX512Kernels"]
    let symbols = try targets.map { try Binutils.weakSymbols(of: KernelObjects.files(of: $0)) }
    for first in targets.indices {
      for second in targets.indices.dropFirst(first + 1) {
        let shared = symbols[first].intersection(symbols[second]).filter(isFunction)
        #expect(shared.isEmpty, "\(targets[first]) and \(targets[second]) share them")
      }
    }
  }

  private func isTile(_ name: String) -> Bool {
    guard !isGeneric(name) else { return false }
    let name = name.lowercased()
    return name.contains("tile") || name.contains("depthwise")
  }

  /// Whether a function works for any type or size.
  ///
  /// Builds with `-enable-testing` keep the bodies that all calls were specialised from, and nothing
  /// calls them: generic functions (`lF`), and witnesses of generic types (`G…TW`).
  private func isGeneric(_ name: String) -> Bool {
    name.hasSuffix("lF") || name.hasSuffix("TW") && name.contains("q_G")
  }

  /// The initialiser of `InlineArray` that works for any type.
  ///
  /// Builds with `-enable-testing` keep the generic bodies of `TileSums`, which refer to it and which
  /// nothing calls.
  private let neverCalled = "$ss11InlineArrayV9repeatingAByxq_Gq__tcfC"

  /// Whether a symbol is code: data that describe types and modules are the same everywhere.
  private func isFunction(_ symbol: String) -> Bool {
    guard symbol != neverCalled else { return false }
    let isSwift = symbol.hasPrefix("$s")
    let data = ["WP", "Wl", "WL", "Mn", "MD", "Mf", "Mp", "Mc", "N", "Ma", "_symbolic"]
    return isSwift && !data.contains { symbol.hasSuffix($0) }
  }
}

/// The object files of the kernel targets, beside the running test program.
private enum KernelObjects {
  static func files(of target: String) -> [String] {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    else { return [] }
    let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
      .appendingPathComponent("\(target).build")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".o") }.map { folder.appendingPathComponent($0).path }
  }

  static var areReadable: Bool {
    #if DEBUG
      false
    #else
      ["objdump", "nm"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
      } && !files(of: "AVX2Kernels").isEmpty
    #endif
  }
}
