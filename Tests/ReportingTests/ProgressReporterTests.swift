import Testing

@testable import Reporting

@Suite struct ProgressReporterTests {
  private final class Recorder {
    var text = ""
    var time = 0.0
  }

  private func reporter(
    _ recorder: Recorder, isTerminal: Bool, width: Int = 80
  ) -> ProgressReporter {
    ProgressReporter(
      isTerminal: isTerminal, write: { recorder.text += $0 }, now: { recorder.time },
      width: { width })
  }

  @Test func plainLinesAreFewAndComplete() {
    let recorder = Recorder()
    var progress = reporter(recorder, isTerminal: false)
    progress.begin("training", total: 10)
    for step in 1...10 {
      recorder.time += 2
      progress.update(step, detail: "loss \(step)")
    }
    progress.end(detail: "loss 0.5")
    #expect(
      recorder.text == """
        training: 3 of 10, loss 3, 14.0 s left
        training: 6 of 10, loss 6, 8.00 s left
        training: 9 of 10, loss 9, 2.00 s left
        training: done in 20.0 s, loss 0.5

        """)
    #expect(!recorder.text.contains("\u{1B}"))
  }

  @Test(arguments: [false, true]) func whatIsInterruptedIsNotDone(isTerminal: Bool) {
    let recorder = Recorder()
    var progress = reporter(recorder, isTerminal: isTerminal)
    progress.begin("training", total: 10)
    recorder.text = ""
    recorder.time = 3
    progress.stop("interrupted")
    #expect(
      recorder.text == (isTerminal ? "\r\u{1B}[K" : "") + "training: interrupted after 3.00 s\n")
  }

  /// A line that wraps is not drawn over: it stays, ten times a second.
  @Test(arguments: [1, 8, 30, 40, 100, 250]) func aLineIsAsWideAsTheTerminal(width: Int) {
    let recorder = Recorder()
    var progress = reporter(recorder, isTerminal: true, width: width)
    progress.begin("training", total: 4)
    let detail = String(repeating: "long ", count: 40)
    recorder.time = 1
    progress.update(2, detail: detail)
    let lines = recorder.text.split(separator: "\r\u{1B}[K")
    #expect(lines.allSatisfy { $0.count < max(2, width) }, "\(lines)")
    // As much is shown as there is room for.
    #expect(lines.last?.count == max(1, width - 1))
    // What is not known, such as behind a serial line, is taken for the usual width.
    var unknown = reporter(recorder, isTerminal: true, width: 0)
    recorder.text = ""
    unknown.begin("training", total: 4)
    recorder.time = 2
    unknown.update(2, detail: detail)
    #expect(recorder.text.split(separator: "\r\u{1B}[K").last?.count == 79)
  }

  @Test func aTerminalHasOneLineThatIsDrawnOver() {
    let recorder = Recorder()
    var progress = reporter(recorder, isTerminal: true)
    progress.begin("training", total: 4)
    recorder.time = 0.05
    progress.update(1)  // too early to draw again
    recorder.time = 1
    progress.update(2, detail: String(repeating: "long ", count: 30))
    progress.end()
    let draws = recorder.text.split(separator: "\r\u{1B}[K")
    #expect(
      draws.map(String.init) == [
        "training  " + String(repeating: "·", count: 24) + "  0/4",
        // The bar gives way to the words, down to eight columns.
        ("training  " + String(repeating: "█", count: 4) + String(repeating: "·", count: 4)
          + "  2/4  " + String(repeating: "long ", count: 30)).prefix(79).description,
        "training: done in 1.00 s\n",
      ])
  }
}
