import Files
import Glibc
import Synchronization
import Tidemark

/// Standard output or standard error, written without a buffer that could be lost.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// The number of the first error that text was lost to on standard output; 0 if none was.
  private static let lostOutput = Atomic<Int32>(0)

  /// Writes text.
  ///
  /// What cannot be written is dropped, and a command goes on: files are worth more than what is
  /// printed. `requireComplete()` says of standard output whether anything was.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { buffer in
      var written = 0
      while written < buffer.count, let start = buffer.baseAddress {
        let count = unsafe Glibc.write(rawValue, start + written, buffer.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          if self == .output, Self.lostOutput.load(ordering: .relaxed) == 0 {
            Self.lostOutput.store(count < 0 ? errno : EIO, ordering: .relaxed)
          }
          return
        }
        written += count
      }
    }
  }

  /// Writes a line.
  func line(_ text: String = "") {
    write(text + "\n")
  }

  /// Requires that all that went to standard output has arrived there.
  ///
  /// - Throws: `OutputFailure` if something was dropped.
  static func requireComplete() throws(OutputFailure) {
    let code = lostOutput.load(ordering: .relaxed)
    if code != 0 { throw OutputFailure(code: code) }
  }
}

/// Standard output that did not take what was printed.
struct OutputFailure: DescribedFailure {
  /// The number of the system's error.
  let code: Int32

  var category: FailureCategory { .inputOutput }

  var description: String {
    "cannot write to standard output: \(FileFailure.reason(code))"
  }

  /// Whether the reader has gone, as `head` does: it has seen what it wanted, and needs no sentence.
  var isWithoutReader: Bool { code == EPIPE }
}
