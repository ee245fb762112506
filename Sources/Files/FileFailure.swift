import Glibc

/// A file that could not be opened, read, created or written.
public struct FileFailure: DescribedFailure, Equatable {
  /// What kind of failure this is, and so the exit code.
  public let category: FailureCategory

  /// One sentence that names the file and what was wrong with it.
  public let description: String

  /// Creates a failure from its sentence.
  ///
  /// - Parameters:
  ///   - category: What kind of failure this is.
  ///   - description: One sentence that names the file and what was wrong with it.
  public init(category: FailureCategory, description: String) {
    self.category = category
    self.description = description
  }

  /// Creates a failure from the `errno` that a system call left.
  package init(_ action: String, path: String, code: Int32, category: FailureCategory) {
    self.init(
      category: category, description: "cannot \(action) '\(path)': \(Self.reason(code))")
  }

  /// The system's words for an error number, or our own where those would puzzle a user.
  package static func reason(_ code: Int32) -> String {
    switch code {
    case ENOENT: "it does not exist"
    case ENOTDIR: "a part of that path is a file, not a folder"
    case EISDIR: "it is a folder, not a file"
    case EACCES, EPERM: "permission is denied"
    case EROFS: "the file system is read-only"
    case ENOSPC, EDQUOT: "no space is left"
    case EFBIG: "it would be larger than this process or the file system may make it"
    case EBADF: "it is closed"
    default: unsafe String(cString: strerror(code)).lowercased()
    }
  }
}
