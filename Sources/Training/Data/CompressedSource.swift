import Files

/// Where compressed bytes come from: a file, or memory that lives as long as the program.
@safe struct CompressedSource: ~Copyable {
  /// What errors call the source.
  let name: String

  private let file: FileStream?
  private var memory: UnsafeRawBufferPointer

  /// Opens a file.
  init(path: String) throws(FileFailure) {
    name = path
    file = try FileStream(path: path)
    unsafe memory = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// Reads from memory, which must outlive the source.
  init(unsafeMemory: UnsafeRawBufferPointer, name: String) {
    self.name = name
    file = nil
    unsafe memory = unsafeMemory
  }

  /// Reads the next bytes into `buffer` and returns their number: 0 at the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    if file != nil { return try unsafe file?.read(into: buffer) ?? 0 }
    let count = unsafe min(buffer.count, memory.count)
    unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
    unsafe memory = UnsafeRawBufferPointer(rebasing: memory[count...])
    return count
  }
}
