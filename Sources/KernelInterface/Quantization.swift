/// How numbers are held in few bits between the forward and the backward pass.
///
/// Every 256 numbers that follow each other are a group with its own least value and range. A number
/// goes to one of the 2ᵇ levels between, to the upper or the lower neighbour at random, so that its
/// mean is kept (stochastic rounding, as in ActNN, arXiv 2104.14129). Between levels a step apart, a
/// number at the fraction f of the step has the variance f·(1 − f)·step². Groups of numbers that are
/// known not to be negative begin at 0, as those of a rectifier nearly always do, and no least value
/// is stored for them.
public struct Quantization: Hashable, Sendable {
  /// The bits of a number.
  public enum Bits: Int, CaseIterable, Sendable {
    /// Two levels: the least and the greatest value of the group.
    case one = 1
    /// Four levels.
    case two = 2
    /// Sixteen levels.
    case four = 4
    /// 256 levels.
    case eight = 8
  }

  /// The bits of a number.
  public let bits: Bits
  /// The seed of the rounding.
  public let seed: UInt64
  /// Whether all groups begin at 0; no number is negative then.
  public let beginsAtZero: Bool

  /// The numbers of a group.
  package static let groupSize = 256

  /// Describes a quantisation.
  ///
  /// - Parameters:
  ///   - bits: The bits of a number.
  ///   - seed: The seed of the rounding; it is not needed to read the numbers again.
  ///   - beginsAtZero: Whether all groups begin at 0; no number may be negative then.
  public init(bits: Bits, seed: UInt64, beginsAtZero: Bool = false) {
    self.bits = bits
    self.seed = seed
    self.beginsAtZero = beginsAtZero
  }

  /// The bytes that numbers take: 4 + 32 · bits for each group of 256, the last one rounded up; 2
  /// less where groups begin at 0.
  ///
  /// - Parameter count: How many numbers.
  /// - Returns: The bytes.
  public func byteCount(count: Int) -> Int {
    (count + Self.groupSize - 1) / Self.groupSize * groupByteCount
  }

  /// The bytes of a group: its range and, unless that is 0, its least value in 16 bits each, then
  /// the levels.
  package var groupByteCount: Int {
    (beginsAtZero ? 2 : 4) + Self.groupSize / 8 * bits.rawValue
  }
}
