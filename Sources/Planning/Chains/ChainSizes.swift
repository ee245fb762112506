/// A chain's sizes in whole units, for a planner whose table has one column a unit.
///
/// Where all sizes are multiples of the unit nothing is lost. Else the remainders are carried on
/// along the chain, so that sums over consecutive stages are right to within a unit; whether a plan
/// made from such sizes fits must be checked with the true ones. (Rounding each size up would be
/// safe without a check, but would count a thousand small stages as up to twice their size.)
struct ChainSizes {
  /// The bytes of a unit.
  let unit: Int
  /// a_i, for i from 0 to L, and 0 behind.
  private(set) var values: [Int] = []
  /// What each stage's forward pass takes besides when it keeps nothing, i from 0 to L − 1.
  private(set) var advanceTemporaries: [Int] = []
  /// A_{i+1} of each stage's tapes.
  private(set) var tapes: [[Int]] = []
  /// What the forward pass takes besides when it makes the tape.
  private(set) var tapeTemporaries: [[Int]] = []
  /// What the backward pass takes besides.
  private(set) var backwardTemporaries: [[Int]] = []
  /// What the loss takes besides.
  private(set) var lossTemporary = 0

  /// Divides all sizes of a chain by a unit.
  init(_ chain: Chain, unit: Int) {
    self.unit = unit
    var values = CarryingDivision(unit)
    let optionCount = chain.stages.map(\.tapes.count).max() ?? 1
    var tapeBytes = [CarryingDivision](repeating: CarryingDivision(unit), count: optionCount)
    func rounded(_ byteCount: Int) -> Int { (byteCount + unit / 2) / unit }
    for stage in chain.stages {
      self.values.append(values.divide(stage.inputByteCount))
      advanceTemporaries.append(rounded(stage.forwardTemporaryByteCount))
      tapes.append(stage.tapes.indices.map { tapeBytes[$0].divide(stage.tapes[$0].byteCount) })
      tapeTemporaries.append(stage.tapes.map { rounded($0.forwardTemporaryByteCount) })
      backwardTemporaries.append(stage.tapes.map { rounded($0.backwardTemporaryByteCount) })
    }
    self.values += [values.divide(chain.loss.inputByteCount), 0]
    lossTemporary = rounded(chain.loss.temporaryByteCount)
  }

  /// The number of stages.
  var count: Int { tapes.count }

  /// What a stage takes besides its input while it makes a tape, and while it goes back from there,
  /// with the gradient of value `last` + 1 there meanwhile.
  func needOfTape(_ stage: Int, _ option: Int, last: Int) -> Int {
    let tape = tapes[stage][option]
    return max(
      values[last + 1] + tape + tapeTemporaries[stage][option],
      values[stage] + values[stage + 1] + tape + backwardTemporaries[stage][option])
  }

  /// What a stage takes besides its input while it keeps nothing, with the gradient of value
  /// `last` + 1 there meanwhile.
  func needOfAdvance(_ stage: Int, last: Int) -> Int {
    values[last + 1] + values[stage + 1] + advanceTemporaries[stage]
  }
}

/// Division of one number after the other, rounded so that the sum is right.
private struct CarryingDivision {
  private let divisor: Int
  private var remainder = 0

  init(_ divisor: Int) { self.divisor = divisor }

  mutating func divide(_ dividend: Int) -> Int {
    let (quotient, rest) = (dividend + remainder + divisor / 2).quotientAndRemainder(
      dividingBy: divisor)
    remainder = rest - divisor / 2
    return quotient
  }
}
