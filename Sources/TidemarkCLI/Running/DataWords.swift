import Reporting
import Tidemark

/// What is said of data before anything is trained on them.
enum DataWords {
  /// Prints where data come from, which classes they have, and what to beware of.
  static func show(_ data: some TrainingData) {
    StandardStream.output.line("Data: \(data.provenance).")
    if let words = classes(of: data) { StandardStream.output.line(words) }
    for warning in data.warnings { StandardStream.error.line("Warning: \(warning).") }
  }

  /// The classes and how often each occurs; nil where that was not counted.
  private static func classes(of data: some TrainingData) -> String? {
    guard !data.classes.isEmpty else { return nil }
    let words = data.classes.map { entry in
      let name =
        entry.label == entry.number ? "\(entry.number)" : "\(entry.number) (label \(entry.label))"
      return "\(name) with \(entry.count)"
    }
    let noun = data.labelsPerSample == 1 ? data.sampleNoun : "voxels"
    return "Classes: \(words.joined(separator: ", ")) \(noun)."
  }
}
