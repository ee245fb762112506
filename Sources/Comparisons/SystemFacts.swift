import Files
import Glibc

/// What the kernel says of this process and its machine.
public enum SystemFacts {
  /// The highest resident bytes of this process until now (`VmHWM`).
  ///
  /// - Throws: `FileFailure` where the kernel does not tell.
  public static func peakResidentBytes() throws(FileFailure) -> Int {
    try kibibytes(of: "VmHWM", in: "/proc/self/status") * 1024
  }

  /// The bytes that this process can still get: what the machine can give (`MemAvailable`), or less
  /// where the process's address space is limited (`ulimit -v`).
  ///
  /// - Throws: `FileFailure` where the kernel does not tell.
  public static func availableBytes() throws(FileFailure) -> Int {
    let available = try kibibytes(of: "MemAvailable", in: "/proc/meminfo") * 1024
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      let most = Int(exactly: limit.rlim_cur)
    else { return available }
    let size = try kibibytes(of: "VmSize", in: "/proc/self/status") * 1024
    return min(available, max(0, most - size))
  }

  /// The number of processors that this process may run on, at least 1.
  ///
  /// Containers may allow fewer than the machine has; where the kernel does not tell it is 1.
  public static var processorCount: Int {
    guard let masks = try? field("Cpus_allowed", in: "/proc/self/status") else { return 1 }
    let bits = masks.split(separator: ",").map { UInt32($0, radix: 16)?.nonzeroBitCount ?? 0 }
    return max(1, bits.reduce(0, +))
  }

  private static func kibibytes(of name: String, in path: String) throws(FileFailure) -> Int {
    guard let number = Int(try field(name, in: path)) else { throw unknown(name, in: path) }
    return number
  }

  /// The first word behind `name:` at the beginning of a line.
  private static func field(_ name: String, in path: String) throws(FileFailure) -> Substring {
    for line in try text(of: path).split(separator: "\n") where line.hasPrefix("\(name):") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count >= 2 { return words[1] }
    }
    throw unknown(name, in: path)
  }

  private static func unknown(_ name: String, in path: String) -> FileFailure {
    FileFailure(category: .missingInput, description: "'\(path)' does not tell \(name)")
  }

  /// The text of a file whose size is not known before it is read, as those of the kernel are.
  private static func text(of path: String) throws(FileFailure) -> String {
    let stream = try FileStream(path: path)
    var bytes: [UInt8] = []
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    defer { unsafe piece.deallocate() }
    while true {
      let count = try unsafe stream.read(into: piece)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      unsafe bytes.append(contentsOf: piece[..<count])
    }
  }
}
