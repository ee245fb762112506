import Glibc

/// Reading of whole files.
package enum FileReading {
  /// The bytes of a whole file, in one array of exactly that size.
  ///
  /// - Throws: `FileFailure` when the file is missing, a folder, or cannot be read.
  package static func bytes(of path: String) throws(FileFailure) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileFailure("read", path: path, code: errno, category: .missingInput)
    }
    defer { close(descriptor) }

    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileFailure("read", path: path, code: errno, category: .inputOutput)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw FileFailure("read", path: path, code: EISDIR, category: .missingInput)
    }

    var failure: Int32 = 0
    let size = Int(status.st_size)
    // An array of no capacity is shared by the whole program, and would be written to.
    guard size > 0 else { return [] }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let end = unsafe buffer.baseAddress.map { unsafe $0 + count }
        let read = unsafe read(descriptor, end, size - count)
        if read < 0 && errno == EINTR { continue }
        if read < 0 { failure = errno }
        // A file that shrinks while it is read gives what it still held.
        if read <= 0 { break }
        count += read
      }
    }
    guard failure == 0 else {
      throw FileFailure("read", path: path, code: failure, category: .inputOutput)
    }
    return bytes
  }

  /// The names of what is in a folder, in any order.
  ///
  /// - Throws: `FileFailure` when the folder is missing, a file, or cannot be read.
  package static func names(in folder: String) throws(FileFailure) -> [String] {
    guard let stream = unsafe opendir(folder) else {
      throw FileFailure("read", path: folder, code: errno, category: .missingInput)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Whether a file or folder of that name exists.
  package static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }
}
