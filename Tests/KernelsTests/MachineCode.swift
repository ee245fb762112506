import Foundation

/// The machine code of one function, as `objdump` prints it.
struct MachineFunction {
  let name: String
  var instructions: [Instruction] = []

  struct Instruction {
    let address: Int
    let mnemonic: String
    let operands: String

    /// Where a jump leads; none if this is no jump.
    var target: Int? {
      guard mnemonic.hasPrefix("j"), let word = operands.split(separator: " ").first else {
        return nil
      }
      return Int(word, radix: 16)
    }

    var isMultiplication: Bool {
      mnemonic.hasPrefix("vfmadd") && mnemonic.hasSuffix("ps") || mnemonic.hasPrefix("mulps")
    }

    /// Whether a vector register is stored, or anything on the stack is read or written: by the stack
    /// pointer, or a vector by the frame pointer.
    var touchesMemoryOfSums: Bool {
      let isStore =
        mnemonic.contains("mov") && operands.hasPrefix("%") && operands.contains("mm")
        && operands.hasSuffix(")")
      return isStore || operands.contains("(%rsp")
        || operands.contains("(%rbp") && operands.contains("mm")
    }
  }

  /// The bodies of the loops that multiply and hold no smaller loop that does.
  var innermostMultiplyingLoops: [[Instruction]] {
    let ranges = instructions.compactMap { jump -> ClosedRange<Int>? in
      guard let target = jump.target, target <= jump.address,
        let first = instructions.first, target >= first.address
      else { return nil }
      return target...jump.address
    }
    let loops = ranges.filter { range in
      instructions.contains { range.contains($0.address) && $0.isMultiplication }
    }
    return loops.filter { range in
      !loops.contains {
        $0 != range && range.contains($0.lowerBound) && range.contains($0.upperBound)
      }
    }.map { range in instructions.filter { range.contains($0.address) } }
  }
}

/// Reads object files with binutils.
enum Binutils {
  /// The functions of some object files.
  static func functions(of objects: [String]) throws -> [MachineFunction] {
    var functions: [MachineFunction] = []
    for line in try run("objdump", ["-d", "--no-show-raw-insn"] + objects).split(separator: "\n") {
      if line.hasSuffix(">:"), let start = line.firstIndex(of: "<") {
        functions.append(MachineFunction(name: String(line[start...].dropFirst().dropLast(2))))
      } else if let instruction = instruction(line), !functions.isEmpty {
        functions[functions.count - 1].instructions.append(instruction)
      }
    }
    return functions
  }

  /// The symbols that some object files define weakly: the linker keeps one of each name.
  static func weakSymbols(of objects: [String]) throws -> Set<String> {
    let lines = try run("nm", ["--defined-only"] + objects).split(separator: "\n")
    return Set(
      lines.compactMap { line in
        let words = line.split(separator: " ")
        guard words.count == 3, ["W", "V", "u"].contains(words[1]), !words[2].hasPrefix("got.")
        else { return nil }
        return String(words[2])
      })
  }

  private static func instruction(_ line: Substring) -> MachineFunction.Instruction? {
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2,
      let address = Int(parts[0].trimmingCharacters(in: .whitespaces), radix: 16)
    else { return nil }
    let words = parts[1].split(maxSplits: 1, whereSeparator: \.isWhitespace)
    guard let mnemonic = words.first else { return nil }
    let operands = words.count == 2 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    return .init(address: address, mnemonic: String(mnemonic), operands: operands)
  }

  /// What a command prints.
  private static func run(_ command: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
