import Glibc

/// A file that is read from its beginning to its end, a piece at a time.
package struct FileStream: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Opens a file; allocates nothing that grows with it.
  ///
  /// - Throws: `FileFailure` when the file is missing or may not be read.
  package init(path: String) throws(FileFailure) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileFailure("read", path: path, code: errno, category: .missingInput)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Reads the next bytes into `buffer` and returns their number: 0 at the end of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      let code = errno
      if code == EINTR { continue }
      let category: FailureCategory = code == EISDIR ? .missingInput : .inputOutput
      throw FileFailure("read", path: path, code: code, category: category)
    }
  }
}
