/// What became of a memory budget.
package enum PeakVerdict: Sendable {
  /// The peak was at the limit or below.
  case within(PeakReport)
  /// The peak was over the limit.
  case exceeded(PeakReport)
  /// Something was measured that says nothing; the text says what and what would be right.
  case refused(String)
  /// Nothing can be measured in this process; the text says why.
  case unavailable(String)
}
