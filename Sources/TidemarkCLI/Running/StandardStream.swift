import Glibc

/// Standard output or standard error, written without a buffer that could be lost.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes text; what cannot be written, as into a closed pipe, is dropped.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { buffer in
      var written = 0
      while written < buffer.count, let start = buffer.baseAddress {
        let count = unsafe Glibc.write(rawValue, start + written, buffer.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        written += count
      }
    }
  }

  /// Writes a line.
  func line(_ text: String = "") {
    write(text + "\n")
  }
}
