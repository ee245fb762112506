import Files
import Reporting
import Tidemark

/// The files of a training, in one folder.
struct TrainingFiles {
  /// The folder.
  let folder: String

  var checkpoint: String { "\(folder)/checkpoint.safetensors" }
  var metrics: String { "\(folder)/metrics.csv" }
  var parameters: String { "\(folder)/parameters.safetensors" }

  /// Makes the folder ready, and the training go on where it was interrupted if that is asked for.
  ///
  /// - Returns: Whether there was a checkpoint that the training goes on from.
  /// - Throws: `FileFailure` if the folder holds a training that would be overwritten, or does not
  ///   exist where it should; and what `TrainingSession.resume` throws.
  func prepare(_ session: TrainingSession, resume: Bool) throws -> Bool {
    let found = [checkpoint, metrics, parameters].filter { FileReading.exists($0) }
    let exists = found.contains(checkpoint)
    // What a training came to must not be lost, even where it cannot be gone on with.
    guard exists || found.isEmpty else {
      throw FileFailure(
        category: .cannotCreate,
        description: "a training already wrote \(found.map { "'\($0)'" }.joined(separator: ", ")), "
          + "and there is no checkpoint to go on from; choose another --output")
    }
    guard resume || !exists else {
      throw FileFailure(
        category: .cannotCreate,
        description: "'\(folder)' holds a training already; add --resume to go on with it, or "
          + "choose another --output")
    }
    guard !resume || FileReading.exists(folder) else {
      throw FileFailure(
        category: .missingInput,
        description: "there is nothing to resume: the folder '\(folder)' does not exist")
    }
    if exists { try session.resume(from: checkpoint) }
    try FileWriting.createFolder(folder)
    for path in [checkpoint, metrics, parameters] {
      FileWriting.removeAbandoned(path)
      try FileWriting.checkWritable(path)
    }
    if exists { try writeMetrics(of: session) }
    return exists
  }

  /// Writes a row for every epoch that is done.
  func writeMetrics(of session: TrainingSession) throws {
    try TrainingReport.csv(session).write(to: metrics)
  }

  /// Writes the parameters as PyTorch holds them.
  func writeParameters(of session: TrainingSession) throws {
    try session.writeParameters(to: parameters)
  }
}
