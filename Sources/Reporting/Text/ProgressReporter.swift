import Glibc

/// Tells a waiting user how far a long command is.
///
/// On a terminal one line is drawn over and over, at most ten times a second. Elsewhere plain lines
/// say what has been done, at most one every five seconds and one at the end of each task, which may
/// come early. All goes to standard error, so that standard output holds results only.
package struct ProgressReporter {
  private let isTerminal: Bool
  private let write: (String) -> Void
  private let now: () -> Double
  private let width: () -> Int

  private var task = ""
  private var total = 0
  private var start = 0
  private var startTime = 0.0
  private var lastTime = -Double.infinity

  private static let barWidths = 8...24

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
      },
      width: {
        var size = winsize()
        return unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
      })
  }

  /// Reports to `write`, at times that `now` gives in seconds, in the columns that `width` gives anew for
  /// each line: 0 where they are not known.
  package init(
    isTerminal: Bool, write: @escaping (String) -> Void, now: @escaping () -> Double,
    width: @escaping () -> Int = { 80 }
  ) {
    self.isTerminal = isTerminal
    self.write = write
    self.now = now
    self.width = width
  }

  /// Begins a task of `total` equal parts, of which some may have been done before.
  package mutating func begin(_ task: String, total: Int, from start: Int = 0) {
    self.task = task
    self.start = start
    self.total = max(1, total)
    startTime = now()
    lastTime = isTerminal ? -.infinity : startTime
    if isTerminal { update(start) }
  }

  /// Says that `done` parts are done; `detail` is a few words more, such as a loss.
  package mutating func update(_ done: Int, detail: String = "") {
    let time = now()
    guard time - lastTime >= (isTerminal ? 0.1 : 5) else { return }
    lastTime = time
    let rest = remaining(done: done, time: time)
    if isTerminal {
      let words = ["\(done)/\(total)"] + [detail, rest].filter { !$0.isEmpty }
      // The bar gives way to words.
      let room = words.reduce(lineWidth - task.count - 2) { $0 - $1.count - 2 }
      let width = min(max(room, Self.barWidths.lowerBound), Self.barWidths.upperBound)
      let filled = width * min(done, total) / total
      let bar =
        String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled)
      draw([task, bar] + words)
    } else {
      line(["\(done) of \(total)"] + [detail, rest].filter { !$0.isEmpty })
    }
  }

  /// Ends the task with one line that stays, which says how long it took.
  package mutating func end(detail: String = "") {
    close(["done in \(duration)"] + [detail].filter { !$0.isEmpty })
  }

  /// Ends a task that did not come to its end with one line that stays, which says when, and in a word
  /// what became of it.
  package mutating func stop(_ word: String) {
    close(["\(word) after \(duration)"])
  }

  /// The columns that a line may take; a wrapped one would stay.
  private var lineWidth: Int {
    let columns = width()
    return columns > 0 ? max(1, columns - 1) : 79
  }

  private var duration: String { NumberFormat.seconds(now() - startTime) }

  private func close(_ parts: [String]) {
    if isTerminal { write("\r\u{1B}[K") }
    line(parts)
  }

  private func remaining(done: Int, time: Double) -> String {
    guard done > start, done < total else { return "" }
    let seconds = (time - startTime) / Double(done - start) * Double(total - done)
    return "\(NumberFormat.seconds(seconds)) left"
  }

  /// Draws over the line; what does not fit is cut.
  private func draw(_ parts: [String]) {
    write("\r\u{1B}[K" + parts.joined(separator: "  ").prefix(lineWidth))
  }

  private func line(_ parts: [String]) {
    write("\(task): \(parts.joined(separator: ", "))\n")
  }
}
