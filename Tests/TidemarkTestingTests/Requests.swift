import Glibc
import MemoryBudgets

/// A block from `malloc`, freed by hand, that no optimiser may leave out.
@safe
final class Buffer: @unchecked Sendable {
  private var pointer: UnsafeMutableRawPointer?

  init() {}

  init(byteCount: Int) {
    allocate(byteCount: byteCount)
  }

  func allocate(byteCount: Int) {
    unsafe pointer = malloc(byteCount)
  }

  func free() {
    unsafe Glibc.free(pointer)
    unsafe pointer = nil
  }

  /// Takes a block and gives it back.
  @inline(never)
  static func touch(byteCount: Int) {
    unsafe keep(malloc(byteCount))
  }
}

/// Frees a block where the optimiser cannot see that nothing was done with it.
@inline(never)
private func keep(_ pointer: UnsafeMutableRawPointer?) {
  unsafe pointer?.storeBytes(of: 1, as: UInt8.self)
  unsafe free(pointer)
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

  @inline(never)
  func run() {
    switch self {
    case .malloc: unsafe keep(Glibc.malloc(1000))
    case .calloc: unsafe keep(Glibc.calloc(10, 100))
    case .alignedAlloc: unsafe keep(aligned_alloc(8, 1000))
    case .posixMemalign:
      var pointer: UnsafeMutableRawPointer?
      unsafe posix_memalign(&pointer, 64, 1000)
      unsafe keep(pointer)
    case .reallocGrowing: unsafe keep(realloc(realloc(nil, 1000), 6000))
    case .reallocShrinking: unsafe keep(realloc(Glibc.malloc(1000), 10))
    case .reallocOfLargeBlock:
      var pointer = unsafe Glibc.malloc(1_000_000)
      for count in 2...9 { unsafe pointer = realloc(pointer, count * 1_000_000) }
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
