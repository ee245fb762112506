import Glibc

/// What must hold of the process before a command runs.
enum ProcessSetup {
  /// Makes failed writes errors instead of ends, and keeps the numbers of the standard streams taken.
  static func begin() {
    // A reader that has gone and a file that has become too large are told by `write` itself.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    // A stream that was closed would give its number to the first file that is opened, and what is
    // printed would go there. The wrong direction makes every use of it fail.
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
    MemoryExhaustion.watch()
  }
}
