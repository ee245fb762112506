import Glibc

/// A block from `malloc`, freed by hand, that no optimiser may leave out.
@safe
final class Buffer: @unchecked Sendable {
  private var pointer: UnsafeMutableRawPointer?

  init() {}

  init(byteCount: Int) {
    allocate(byteCount: byteCount)
  }

  func allocate(byteCount: Int) {
    unsafe pointer = opaque(malloc(byteCount))
  }

  func free() {
    unsafe Glibc.free(pointer)
    unsafe pointer = nil
  }

  /// Takes a block and gives it back.
  static func touch(byteCount: Int) {
    unsafe keep(malloc(byteCount))
  }
}

/// Hides where a pointer comes from, without which an optimiser may leave out malloc and free.
@inline(never)
@_optimize(none)
private func opaque(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  unsafe pointer
}

private func keep(_ pointer: UnsafeMutableRawPointer?) {
  unsafe free(opaque(pointer))
}

/// The ways in which C asks for memory.
enum Request: CaseIterable, Sendable {
  case malloc, calloc, alignedAlloc, posixMemalign, reallocGrowing, reallocShrinking
  case reallocOfLargeBlock

  /// The requested bytes that stand at once.
  var peak: Int {
    switch self {
    case .malloc, .alignedAlloc, .posixMemalign, .calloc: 1000
    case .reallocGrowing: 6000
    case .reallocShrinking: 1000
    case .reallocOfLargeBlock: 9_000_000
    }
  }

  func run() {
    switch self {
    case .malloc: unsafe keep(Glibc.malloc(1000))
    case .calloc: unsafe keep(Glibc.calloc(10, 100))
    case .alignedAlloc: unsafe keep(aligned_alloc(8, 1000))
    case .posixMemalign:
      var pointer: UnsafeMutableRawPointer?
      unsafe posix_memalign(&pointer, 64, 1000)
      unsafe keep(pointer)
    case .reallocGrowing: unsafe keep(realloc(opaque(realloc(nil, 1000)), 6000))
    case .reallocShrinking: unsafe keep(realloc(opaque(Glibc.malloc(1000)), 10))
    case .reallocOfLargeBlock:
      var pointer = unsafe Glibc.malloc(1_000_000)
      for count in 2...9 { unsafe pointer = realloc(opaque(pointer), count * 1_000_000) }
      unsafe keep(pointer)
    }
  }
}

/// Runs `body` on a thread of its own and waits for it.
func onThread(_ body: @convention(c) () -> Void) {
  var thread = pthread_t()
  let argument = unsafe unsafeBitCast(body, to: UnsafeMutableRawPointer.self)
  unsafe pthread_create(
    &thread, nil,
    { argument in
      let body = unsafe unsafeBitCast(argument, to: (@convention(c) () -> Void).self)
      body()
      return nil
    }, argument)
  pthread_join(thread, nil)
}
