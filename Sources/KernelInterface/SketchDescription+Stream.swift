extension SketchDescription {
  /// The stream of random numbers that belongs to the seed.
  ///
  /// The seed is mixed first, since streams whose numbers differ by a multiple of SplitMix64's
  /// increment are shifted copies of each other.
  package var stream: UInt64 {
    var word = seed &+ 0xD1B5_4A32_D192_ED03
    word = (word ^ (word >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    word = (word ^ (word >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return word ^ (word >> 33)
  }
}
