extension SketchDescription {
  /// The stream of random numbers for a purpose, and for a sample if its numbers are its own.
  package func stream(_ purpose: RandomStream.Purpose, sample: Int = 0) -> UInt64 {
    RandomStream.number(seed: seed, purpose, sample: sample)
  }
}
