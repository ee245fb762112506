import Networks
import Testing

/// Bytes and bits of today stay: a change of either is made on purpose, by recording them anew.
@Suite(.serialized) struct RecordedStepsTests {
  @Test(.disabled(if: RecordedSteps.isRecording), arguments: Model.named)
  func bytesAndBitsAreTheRecordedOnes(model: Model) throws {
    let recorded = try RecordedSteps.recorded(of: model)
    let lines = try RecordedSteps.lines(of: model)
    #expect(
      lines.count == recorded.count, "record what is new: see CONTRIBUTING.md, Recorded values")
    for (line, expected) in zip(lines, recorded) {
      #expect(line == expected, "\(RecordedSteps.header)")
    }
  }

  @Test(.enabled(if: RecordedSteps.isRecording)) func record() throws {
    try RecordedSteps.record()
  }
}
