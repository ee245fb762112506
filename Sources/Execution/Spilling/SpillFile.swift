import Files
import Glibc

/// A file for values that wait; it has no name, so that it is gone with the process, however that
/// ends.
final class SpillFile: Sendable {
  private let descriptor: Int32
  private let folder: String

  /// Creates the file.
  ///
  /// - Parameter folder: The folder whose disk it is to lie on.
  /// - Throws: `FileFailure` if it cannot be created.
  convenience init(in folder: String) throws(FileFailure) {
    var template = "\(folder)/tidemark-spill-XXXXXX".utf8CString
    let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let path = buffer.baseAddress else { return Int32(-1) }
      let descriptor = unsafe mkstemp(path)
      if descriptor >= 0 {
        unsafe unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      }
      return descriptor
    }
    guard descriptor >= 0 else {
      throw FileFailure(
        "create a file for spilled values in", path: folder, code: errno, category: .cannotCreate)
    }
    self.init(descriptor: descriptor, folder: folder)
  }

  /// Takes over an open file.
  init(descriptor: Int32, folder: String) {
    self.descriptor = descriptor
    self.folder = folder
  }

  deinit {
    close(descriptor)
  }

  /// The folder for such files: the one that `TMPDIR` names, or /var/tmp, which unlike /tmp lies on
  /// a disk everywhere.
  static var standardFolder: String {
    guard let name = unsafe getenv("TMPDIR"), unsafe name.pointee != 0 else { return "/var/tmp" }
    return unsafe String(cString: name)
  }

  /// Writes all bytes.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileFailure) {
    try transfer("write spilled values to", bytes.count) { done in
      unsafe pwrite(
        descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done, offset + done)
    }
  }

  /// Reads all bytes.
  func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileFailure) {
    try transfer("read spilled values from", bytes.count) { done in
      unsafe pread(
        descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done, offset + done)
    }
  }

  private func transfer(
    _ action: String, _ count: Int, _ call: (_ done: Int) -> Int
  ) throws(FileFailure) {
    var done = 0
    while done < count {
      let moved = call(done)
      if moved < 0 && errno == EINTR { continue }
      guard moved > 0 else {
        // A read that meets the end finds less than was written.
        throw FileFailure(
          action, path: folder, code: moved < 0 ? errno : EIO, category: .inputOutput)
      }
      done += moved
    }
  }
}
