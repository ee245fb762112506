/// Random numbers that depend on a key and a position only, the same on every machine.
///
/// The numbers are those of SplitMix64 (Steele, Lea, Flood, *Fast Splittable Pseudorandom Number
/// Generators*, 2014) with the key as its state: number n is a hash of key + n · γ.
struct CounterGenerator {
  private let key: UInt64
  private var counter: UInt64 = 0

  private static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Creates the generator of a seed and of a stream, such as the number of an epoch.
  init(seed: UInt64, stream: UInt64) {
    // Two hashes, so that neighbouring streams of one seed do not overlap.
    key = Self.hash(Self.hash(seed &+ Self.gamma) ^ (stream &* Self.gamma))
  }

  /// The next 64 random bits.
  mutating func next() -> UInt64 {
    counter &+= Self.gamma
    return Self.hash(key &+ counter)
  }

  /// A whole number from 0 to `bound` − 1, each as likely as any other.
  ///
  /// The method is Lemire's, *Fast Random Integer Generation in an Interval* (2019).
  mutating func next(below bound: Int) -> Int {
    let bound = UInt64(bound)
    let threshold = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= threshold { return Int(product.high) }
    }
  }

  private static func hash(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}
