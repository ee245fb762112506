// The environment is a variable of C; nothing here changes it.
@unsafe @preconcurrency import Glibc
import Tidemark

/// This program, run once more to measure one strategy in a process of its own.
struct MeasuringProcess {
  /// What the process is told on its command line.
  let arguments: [String]

  /// Runs the process and returns its highest resident bytes.
  ///
  /// - Throws: `CommandFailure` if it cannot be started or does not end well.
  func peakResidentBytes() throws -> Int {
    let (output, status) = try run()
    let line = output.split(separator: "\n").first { $0.hasPrefix(Measure.resultName) }
    let number = line.flatMap { Int($0.dropFirst(Measure.resultName.count + 1)) }
    guard status == 0, let number else {
      // The low bits of a status tell the signal that ended a process.
      let reason =
        status & 0x7f == 0
        ? "ended with exit code \(status >> 8 & 0xff)"
        : "was ended by signal \(status & 0x7f)"
      throw CommandFailure(
        category: Self.category(ofStatus: status),
        description: "the process 'tidemark \(arguments.joined(separator: " "))' \(reason) "
          + "before it had measured its memory")
    }
    return number
  }

  /// What it means that the process did not end well, which its own sentence has told.
  private static func category(ofStatus status: Int32) -> FailureCategory {
    let signal = status & 0x7f
    guard signal == 0 else { return signal == SIGKILL ? .overBudget : .ownDefect }
    return FailureCategory(rawValue: status >> 8 & 0xff) ?? .ownDefect
  }

  /// Runs the process to its end: its standard output, and its status as `waitpid` gives it.
  private func run() throws -> (output: String, status: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw failure("open a pipe", errno) }
    defer { close(ends[0]) }
    // The process gets a copy of one end as its standard output, and must not hold the ends open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)

    var words = unsafe (["tidemark"] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, "/proc/self/exe", &actions, nil, &words, environ)
    close(ends[1])
    guard code == 0 else { throw failure("start a process", code) }

    let output = readAll(ends[0])
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw failure("wait for a process", errno) }
    }
    return (output, status)
  }

  private func readAll(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe read(descriptor, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += piece[..<count]
    }
  }

  private func failure(_ action: String, _ code: Int32) -> CommandFailure {
    let reason = unsafe String(cString: strerror(code)).lowercased()
    return CommandFailure(
      category: [ENOMEM, EAGAIN].contains(code) ? .overBudget : .inputOutput,
      description: "cannot \(action) to measure resident memory: \(reason)")
  }
}
