import Glibc
import Tidemark

/// Tells the end of all memory from a defect where Swift stops the program.
///
/// The ledger's requests fail with an error, but the Swift runtime stops the program when it is
/// refused the least array. Under a limit of the address space (`ulimit -v`) that is no defect.
enum MemoryExhaustion {
  /// Memory that can be had where there is any to speak of.
  private static let probeByteCount = 64 << 20

  private static let message: StaticString = """
    tidemark: the system has no more memory for this process; ask for less, or raise its limit

    """

  /// What the signals did before.
  @safe private struct Former: @unchecked Sendable {
    let actions: UnsafeMutablePointer<sigaction>
  }

  private static let former = {
    let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: Int(NSIG))
    unsafe actions.initialize(repeating: sigaction(), count: Int(NSIG))
    return unsafe Former(actions: actions)
  }()

  /// From now on a trap of a process that can get no more memory ends it with the exit code for that.
  static func watch() {
    // The first access creates the variable, which a signal handler must not do.
    let former = former
    for number in [SIGILL, SIGABRT, SIGSEGV, SIGBUS] {
      unsafe sigaction(number, nil, former.actions + Int(number))
      signal(number) { MemoryExhaustion.handle($0) }
    }
  }

  /// Calls nothing but what a signal handler may.
  private static func handle(_ number: Int32) {
    let probe = unsafe mmap(
      nil, probeByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe probe != MAP_FAILED else {
      _ = unsafe write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(FailureCategory.overBudget.rawValue)
    }
    // A defect: what stopped the program stops it again, and is treated as it was before.
    unsafe munmap(probe, probeByteCount)
    unsafe sigaction(number, former.actions + Int(number), nil)
  }
}
