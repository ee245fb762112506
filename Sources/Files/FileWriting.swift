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

  /// Removes what processes that were killed left of files that they were writing.
  ///
  /// - Parameter path: The file that they were to become. A folder that does not exist, and files
  ///   that cannot be removed, are passed over: they are in nobody's way.
  package static func removeAbandoned(_ path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    guard let name = parts.last, let names = try? FileReading.names(in: folder) else { return }
    for other in names where AtomicFileWriter.isAbandoned(other, of: String(name)) {
      unsafe unlink("\(folder)/\(other)")
    }
  }

  /// Creates a folder and those above it, where they do not exist.
  ///
  /// - Throws: `FileFailure` with the category `cannotCreate`.
  package static func createFolder(_ path: String) throws(FileFailure) {
    // What would be written into a folder without a name would go to the root folder.
    guard !path.isEmpty else {
      throw FileFailure(category: .cannotCreate, description: "a folder needs a name")
    }
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
