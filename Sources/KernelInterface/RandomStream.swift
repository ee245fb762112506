/// A stream of random numbers that belongs to a seed and to what the numbers are for.
///
/// The seed is mixed first, since SplitMix64's streams whose numbers differ by a multiple of its
/// increment are shifted copies of each other.
package enum RandomStream {
  /// What random numbers are for; each purpose has streams of its own.
  package enum Purpose: UInt64 {
    case probes
    case sketchRounding
    case supports
    case quantization
    case dropout
  }

  /// The stream for a purpose, and for a sample if its numbers are its own.
  package static func number(seed: UInt64, _ purpose: Purpose, sample: Int = 0) -> UInt64 {
    mixed(mixed(seed &+ 0xD1B5_4A32_D192_ED03 &* (purpose.rawValue &+ 1)) &+ UInt64(sample))
  }

  /// What SplitMix64 adds to its state for every output: 2⁶⁴ over the golden ratio.
  package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Word `index` of a stream: an output of SplitMix64 (Steele, Lea and Flood 2014).
  package static func word(_ stream: UInt64, _ index: Int) -> UInt64 {
    hash(stream &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* increment)
  }

  /// The function that makes an output of SplitMix64's state.
  package static func hash(_ state: UInt64) -> UInt64 {
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// MurmurHash3's 64-bit finalizer (Appleby).
  private static func mixed(_ number: UInt64) -> UInt64 {
    var word = number
    word = (word ^ (word >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    word = (word ^ (word >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return word ^ (word >> 33)
  }
}
