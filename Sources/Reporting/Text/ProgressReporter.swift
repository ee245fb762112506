import Glibc

/// Tells a waiting user how far a long command is.
///
/// On a terminal one line is drawn over and over, at most ten times a second. Elsewhere plain lines
/// say what has been done, at most one every five seconds and one at the end of each task. All goes
/// to standard error, so that standard output holds results only.
package struct ProgressReporter {
  private let isTerminal: Bool
  private let write: (String) -> Void
  private let now: () -> Double

  private var task = ""
  private var total = 0
  private var startTime = 0.0
  private var lastTime = -Double.infinity

  private static let barWidth = 24

  /// Reports to standard error.
  package init() {
    self.init(
      isTerminal: isatty(STDERR_FILENO) == 1,
      write: { text in
        // A progress line that cannot be written is no reason to stop.
        var text = text
        text.withUTF8 { buffer in
          _ = unsafe Glibc.write(STDERR_FILENO, buffer.baseAddress, buffer.count)
        }
      },
      now: {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
      })
  }

  /// Reports to `write`, at times that `now` gives in seconds.
  package init(
    isTerminal: Bool, write: @escaping (String) -> Void, now: @escaping () -> Double
  ) {
    self.isTerminal = isTerminal
    self.write = write
    self.now = now
  }

  /// Begins a task of `total` equal parts.
  package mutating func begin(_ task: String, total: Int) {
    self.task = task
    self.total = max(1, total)
    startTime = now()
    lastTime = isTerminal ? -.infinity : startTime
    if isTerminal { update(0) }
  }

  /// Says that `done` parts are done; `detail` is a few words more, such as a loss.
  package mutating func update(_ done: Int, detail: String = "") {
    let time = now()
    guard time - lastTime >= (isTerminal ? 0.1 : 5) else { return }
    lastTime = time
    let rest = remaining(done: done, time: time)
    if isTerminal {
      let filled = Self.barWidth * min(done, total) / total
      let bar =
        String(repeating: "█", count: filled)
        + String(repeating: "·", count: Self.barWidth - filled)
      draw(([task, bar, "\(done)/\(total)"] + [detail, rest].filter { !$0.isEmpty }))
    } else {
      line(["\(done) of \(total)"] + [detail, rest].filter { !$0.isEmpty })
    }
  }

  /// Ends the task with one line that stays, which says how long it took.
  package mutating func end(detail: String = "") {
    if isTerminal { write("\r\u{1B}[K") }
    let duration = NumberFormat.seconds(now() - startTime)
    line(["done in \(duration)"] + [detail].filter { !$0.isEmpty })
  }

  private func remaining(done: Int, time: Double) -> String {
    guard done > 0, done < total else { return "" }
    let seconds = (time - startTime) / Double(done) * Double(total - done)
    return "\(NumberFormat.seconds(seconds)) left"
  }

  /// Draws over the line; what does not fit 80 columns is cut, since a wrapped line would stay.
  private func draw(_ parts: [String]) {
    write("\r\u{1B}[K" + parts.joined(separator: "  ").prefix(79))
  }

  private func line(_ parts: [String]) {
    write("\(task): \(parts.joined(separator: ", "))\n")
  }
}
