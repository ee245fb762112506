import Glibc
import Reporting

extension ReportFolder {
  /// Writes reports and says so on standard error, whoever asks the process to end meanwhile: an
  /// interrupt in these few milliseconds would leave temporary files behind.
  ///
  /// Commands write before they print: what is printed may go to a reader that leaves.
  ///
  /// - Throws: What `write` throws.
  func writeUndisturbed(_ reports: [(name: String, text: String)]) throws {
    let numbers = [SIGINT, SIGTERM, SIGHUP]
    let former = numbers.map { signal($0, SIG_IGN) }
    defer { for (number, handler) in zip(numbers, former) { signal(number, handler) } }
    StandardStream.error.line("Wrote \(try write(reports).joined(separator: ", ")).")
  }
}
