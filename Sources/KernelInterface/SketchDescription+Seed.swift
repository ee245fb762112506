extension SketchDescription {
  /// The same sketch with random numbers of its own, drawn from this seed and the description's.
  public func seeded(_ seed: UInt64) -> SketchDescription {
    SketchDescription(self, seed: self.seed ^ seed)
  }
}
