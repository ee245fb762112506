/// The probes that each channel takes part in, for the estimator `orthogonal`.
///
/// With n = ⌊probes / channels of a group⌋ > 8, channels have n probes each and share none. Otherwise
/// each draws 8 of a permutation that runs over the probes several times, as the published code does;
/// a channel that draws a probe twice has fewer. The weight of a channel in a probe is √(probes/n)
/// for its true number n of probes, so that the estimate is unbiased whatever was drawn.
package enum SketchSupports {
  private static let fewest = 8

  /// The integers that drawing takes.
  package static func permutationCount(_ plan: MultichannelPlan) -> Int {
    let channels = plan.geometry.groupInputChannels
    return plan.probeCount / channels > fewest ? plan.probeCount : fewest * channels
  }

  /// Writes the weight of every channel in every probe, probe by probe.
  ///
  /// - Parameters:
  ///   - plan: The sketch.
  ///   - stream: The random numbers.
  ///   - permutation: Scratch for `permutationCount` integers.
  ///   - weights: Receives probes × input channels numbers.
  package static func writeWeights(
    _ plan: MultichannelPlan, stream: UInt64, permutation: UnsafeMutablePointer<Int32>,
    weights: UnsafeMutablePointer<Float>
  ) {
    let (probes, inputs) = (plan.probeCount, plan.geometry.inputChannels)
    let channels = plan.geometry.groupInputChannels
    let columns = max(fewest, probes / channels)
    let count = permutationCount(plan)
    unsafe weights.update(repeating: 0, count: probes * inputs)
    for group in 0..<plan.geometry.groups {
      for index in 0..<count { unsafe permutation[index] = Int32(truncatingIfNeeded: index) }
      for index in stride(from: count - 1, to: 0, by: -1) {
        let word = RandomStream.word(stream, group * count + index)
        let other = Int(word % UInt64(index + 1))
        let kept = unsafe permutation[index]
        unsafe permutation[index] = permutation[other]
        unsafe permutation[other] = kept
      }
      for member in 0..<channels {
        let channel = group * channels + member
        var distinct = 0
        for index in member * columns..<(member + 1) * columns {
          let probe = unsafe Int(permutation[index]) % probes
          if unsafe weights[probe * inputs + channel] == 0 { distinct += 1 }
          unsafe weights[probe * inputs + channel] = 1
        }
        let weight = (Float(probes) / Float(distinct)).squareRoot()
        for probe in 0..<probes { unsafe weights[probe * inputs + channel] *= weight }
      }
    }
  }
}
