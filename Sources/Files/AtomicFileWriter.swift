import Glibc

/// A file that appears under its name when it is complete, or not at all.
///
/// The bytes go to a temporary file in the same folder, which `commit()` renames. A writer that is
/// dropped before that removes the temporary file, and an older file of the name stays as it was.
package struct AtomicFileWriter: ~Copyable {
  private let path: String
  private let temporaryPath: String
  private var descriptor: Int32

  /// Creates the temporary file.
  ///
  /// - Throws: `FileFailure` when the folder does not exist or may not be written, or when `path`
  ///   is a folder or a device.
  package init(path: String) throws(FileFailure) {
    self.path = path
    // The process number and the clock keep two writers of the same file apart.
    temporaryPath = "\(path).\(getpid()).\(monotonicNanoseconds()).partial"
    descriptor = -1
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw FileFailure("write", path: path, code: EISDIR, category: .cannotCreate)
      }
      // Renaming would put a file in place of the device.
      throw FileFailure(
        category: .cannotCreate, description: "cannot write '\(path)': it is not an ordinary file")
    }
    descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let code = errno
      guard code != ENOENT else {
        throw FileFailure(
          category: .cannotCreate,
          description: "cannot write '\(path)': its folder does not exist")
      }
      throw FileFailure("write", path: path, code: code, category: .cannotCreate)
    }
  }

  /// Whether a name is that of a temporary file for `name` whose process is no more.
  static func isAbandoned(_ temporaryName: String, of name: String) -> Bool {
    guard temporaryName.hasPrefix("\(name)."), temporaryName.hasSuffix(".partial") else {
      return false
    }
    let fields = temporaryName.dropFirst(name.count + 1).split(separator: ".")
    guard fields.count == 3, let process = pid_t(fields[0]), process > 0, UInt(fields[1]) != nil
    else { return false }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unsafe unlink(temporaryPath)
  }

  /// Appends bytes to the temporary file; allocates nothing.
  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
    var written = 0
    while written < bytes.count {
      let count = unsafe Glibc.write(
        descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw FileFailure("write", path: path, code: errno, category: .inputOutput)
      }
      written += count
    }
  }

  /// Appends text in UTF-8.
  package mutating func write(_ text: String) throws(FileFailure) {
    var failure: FileFailure?
    var text = text
    text.withUTF8 { buffer in
      do throws(FileFailure) {
        try unsafe write(UnsafeRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Gives the file its name, in place of an older file of that name.
  package consuming func commit() throws(FileFailure) {
    let descriptor = exchange(&descriptor, with: -1)
    var code: Int32 = 0
    if fsync(descriptor) != 0 && errno != EINVAL { code = errno }
    if close(descriptor) != 0 && code == 0 { code = errno }
    if code == 0, unsafe rename(temporaryPath, path) != 0 { code = errno }
    guard code == 0 else {
      unsafe unlink(temporaryPath)
      throw FileFailure("write", path: path, code: code, category: .inputOutput)
    }
  }
}

/// Nanoseconds of the monotonic clock.
private func monotonicNanoseconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Puts `value` into `variable` and returns what was there.
private func exchange<Value>(_ variable: inout Value, with value: Value) -> Value {
  let former = variable
  variable = value
  return former
}
