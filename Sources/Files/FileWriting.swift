import Glibc

/// Writing of whole files, and the folders that they go to.
package enum FileWriting {
  /// Writes a text file whole or not at all.
  ///
  /// - Throws: `FileFailure` with the category `cannotCreate` or `inputOutput`.
  package static func write(_ text: String, to path: String) throws(FileFailure) {
    var writer = try AtomicFileWriter(path: path)
    try writer.write(text)
    try writer.commit()
  }

  /// Finds out whether a file could be written, before work is done for it; changes nothing.
  ///
  /// - Throws: `FileFailure` with the category `cannotCreate`.
  package static func checkWritable(_ path: String) throws(FileFailure) {
    _ = try AtomicFileWriter(path: path)
  }

  /// Creates a folder and those above it, where they do not exist.
  ///
  /// - Throws: `FileFailure` with the category `cannotCreate`.
  package static func createFolder(_ path: String) throws(FileFailure) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      prefix += component
      if unsafe mkdir(prefix, 0o777) != 0 {
        let code = errno
        var status = stat()
        let isFolder = unsafe stat(prefix, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        guard isFolder else {
          let reason: Int32 = code == EEXIST ? ENOTDIR : code
          throw FileFailure("create folder", path: path, code: reason, category: .cannotCreate)
        }
      }
      prefix += "/"
    }
  }
}
