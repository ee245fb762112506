import Kernels

/// Random numbers that depend on a key and a position only, the same on every machine.
///
/// Number n is word n of the key's `RandomStream`.
struct CounterGenerator {
  private let key: UInt64
  private var counter = 0

  /// Creates the generator of a seed and of a stream, such as the number of an epoch.
  init(seed: UInt64, stream: UInt64) {
    // Two hashes, so that neighbouring streams of one seed do not overlap.
    key = RandomStream.hash(
      RandomStream.word(seed, 0) ^ (stream &* RandomStream.increment))
  }

  /// The next 64 random bits.
  mutating func next() -> UInt64 {
    counter += 1
    return RandomStream.word(key, counter - 1)
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
}
