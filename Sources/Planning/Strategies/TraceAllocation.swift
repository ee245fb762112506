import Networks
import Schedules

/// Shares out bytes among the inputs of convolutions so that all weight gradients together err least.
///
/// With m of N buckets the sketch of value l errs by V_l · ((1 + ε)/m − 1/N), where ε stands for the
/// rounding of its numbers; it takes c_l bytes for each bucket. Minimising the sum of errors under
/// Σ c_l m_l = B with a multiplier λ gives m_l = √(V_l (1 + ε)/(λ c_l)). Where a choice of bits holds a
/// bucket for every pixel, nothing but the rounding is left: that is quantisation, and it wins where
/// there are bytes enough for it. A map that costs less whole is kept whole.
struct TraceAllocation {
  /// One way of keeping a value.
  struct Choice: Equatable {
    /// Nil to keep it whole.
    let sketch: SketchDescription?
    let byteCount: Int
    /// The error to expect, in units of V.
    let error: Double
  }

  /// A value that has its share.
  private struct Claimant {
    let value: NodeID
    let shape: Shape
    let variance: Double
  }

  private let trace: Trace
  private let batchSize: Int
  private let claimants: [Claimant]

  /// Prepares an allocation.
  ///
  /// - Parameters:
  ///   - trace: The kind of sketches, and the variances that were measured.
  ///   - values: The values that can be sketched.
  ///   - network: The network.
  ///   - batchSize: The number of samples.
  init(_ trace: Trace, values: [NodeID], network: Network, batchSize: Int) {
    self.trace = trace
    self.batchSize = batchSize
    // What was not measured, since it was kept whole, is put in proportion to what was.
    var (measured, expected) = (0.0, 0.0)
    for value in values {
      guard let variance = trace.variances[value] else { continue }
      measured += variance
      expected += network.expectedVariance(ofSketched: value)
    }
    let unit = expected > 0 ? measured / expected : 1
    claimants = values.map { value in
      Claimant(
        value: value, shape: network.nodes[value].outputShape,
        variance: trace.variances[value] ?? unit * network.expectedVariance(ofSketched: value))
    }
  }

  /// The bytes that values take at the least.
  var leastByteCount: Int {
    claimants.reduce(0) { sum, claimant in sum + smallest(claimant).byteCount }
  }

  /// The representations within a budget; values that are left out stay whole.
  ///
  /// The multiplier is found by bisection; what it leaves over goes to one value after the other,
  /// the one with the largest error first.
  func representations(budget: Int) -> [NodeID: Representation] {
    var choices = claimants.map { smallest($0) }
    // The price of a byte, between next to nothing and so much that nobody pays it.
    var (low, high) = (1e-100, 1e100)
    for _ in 0..<60 {
      let middle = (low * high).squareRoot()
      let candidates = claimants.map { best($0, price: middle) }
      if candidates.reduce(0, { $0 + $1.byteCount }) <= budget {
        high = middle
        choices = candidates
      } else {
        low = middle
      }
    }
    var rest = budget - choices.reduce(0) { $0 + $1.byteCount }
    let order = claimants.indices.sorted {
      (claimants[$0].variance * choices[$0].error, $1)
        > (claimants[$1].variance * choices[$1].error, $0)
    }
    for index in order {
      let limit = choices[index].byteCount + rest
      let better = affordable(claimants[index], limit: limit).filter {
        $0.error < choices[index].error
      }
      guard let best = better.min(by: { $0.error < $1.error }) else { continue }
      rest = limit - best.byteCount
      choices[index] = best
    }
    var chosen: [NodeID: Representation] = [:]
    for (claimant, choice) in zip(claimants, choices) {
      chosen[claimant.value] = choice.sketch.map { .sketch($0) }
    }
    return chosen
  }
}

extension TraceAllocation {
  private static let storages: [SketchDescription.Storage] = [.int8, .int4, .int2]

  private func sketch(
    _ claimant: Claimant, _ storage: SketchDescription.Storage, size: Int
  ) -> Choice {
    let pixelCount = claimant.shape.pixelCount
    let size = max(1, min(size, pixelCount))
    let description = trace.description(size: size, storage)
    return Choice(
      sketch: description,
      byteCount: Representation.sketch(description).byteCount(
        of: claimant.shape, batchSize: batchSize),
      error: storage.expectedError(buckets: size, pixels: pixelCount))
  }

  private func whole(_ claimant: Claimant) -> Choice {
    Choice(
      sketch: nil, byteCount: claimant.shape.byteCount(batchSize: batchSize), error: 0)
  }

  /// The choice of the fewest bytes, and of those the least error.
  private func smallest(_ claimant: Claimant) -> Choice {
    // A row of bytes holds four rows of two bits.
    let least = [sketch(claimant, .int2, size: 4), sketch(claimant, .int4, size: 2)]
    let choices = least + [sketch(claimant, .int8, size: 1), whole(claimant)]
    return choices.min { ($0.byteCount, $0.error) < ($1.byteCount, $1.error) } ?? whole(claimant)
  }

  /// The best choice when bytes have a price.
  private func best(_ claimant: Claimant, price: Double) -> Choice {
    let maps = Double(batchSize * claimant.shape.channels)
    let sketches = Self.storages.map { storage in
      let bucketPrice = price * maps * Double(storage.bits) / 8
      // (1 + ε(1 + m/N))/m: what of the rounding grows with m does not depend on it in the end.
      let rounding = storage.roundingError(buckets: 0, pixels: claimant.shape.pixelCount)
      let size = (claimant.variance * (1 + rounding) / bucketPrice).squareRoot()
      let slots = 8 / storage.bits
      let rows = Int(min(size, 1e9) / Double(slots) + 0.5)
      return sketch(claimant, storage, size: max(1, rows) * slots)
    }
    func cost(_ choice: Choice) -> Double {
      claimant.variance * choice.error + price * Double(choice.byteCount)
    }
    return (sketches + [whole(claimant), smallest(claimant)]).min { cost($0) < cost($1) }
      ?? whole(claimant)
  }

  /// The largest sketch in each number of bits that a limit allows, and the whole value.
  private func affordable(_ claimant: Claimant, limit: Int) -> [Choice] {
    let perMap = limit / (batchSize * claimant.shape.channels)
    let sketches = Self.storages.map { storage in
      sketch(
        claimant, storage,
        size: storage.capacity(byteCount: perMap, meanCount: trace.deflation.count))
    }
    return (sketches + [whole(claimant)]).filter { $0.byteCount <= limit }
  }
}

extension Schedule {
  /// What V of each sketched value is, from the variance that its sketch has caused.
  ///
  /// - Parameter variances: The squared errors to expect of the weight gradients that are estimated
  ///   from each value, all readers together.
  /// - Returns: V by value, as `Trace.replanned(from:)` takes it.
  public func sketchVariances(from variances: [NodeID: Double]) -> [NodeID: Double] {
    var found: [NodeID: Double] = [:]
    for node in network.nodes {
      for (read, representation) in zip(network.residualReads[node.id], representations[node.id]) {
        guard case .sketch(let sketch) = representation, let value = read.value,
          let variance = variances[value]
        else { continue }
        let pixels = network.nodes[value].outputShape.pixelCount
        found[value] =
          variance / sketch.storage.expectedError(buckets: min(sketch.size, pixels), pixels: pixels)
      }
    }
    return found
  }
}

extension Strategy {
  /// The same, with a budget of `trace` shared out anew after variances were measured.
  ///
  /// - Parameter variances: V of each sketched value; see `Trace.replanned(from:)`.
  /// - Returns: The strategy from now on; the same under any other approximation.
  public func replanned(from variances: [NodeID: Double]) -> Strategy {
    guard case .trace(let trace) = approximation else { return self }
    var strategy = self
    strategy.approximation = .trace(trace.replanned(from: variances))
    return strategy
  }
}

extension SketchDescription.Storage {
  /// What rounding to levels adds to the error of a bucket, as a share of the bucket's own variance:
  /// (2 · largest / levels)² / 6 where the largest of some tens of sums is 2.6 deviations.
  ///
  /// Buckets that hold a single pixel have longer tails than sums: measured on vgg8, twice as much. And
  /// the rounding of what carries a map's means to 16 bits counts however many buckets there are: as
  /// much as a share of 2.8·10⁻⁴ of a bucket for every pixel, the geometric mean of layers of vgg8,
  /// resnet8 and lenet, between nothing and 40·10⁻⁴ where the output gradient is hardly more than its mean.
  package func roundingError(buckets: Int, pixels: Int) -> Double {
    let ofSums =
      switch self {
      case .float32: 0.0
      case .int8: 6.9e-5
      case .int4: 0.02
      case .int2: 0.5
      }
    let share = Double(min(buckets, pixels)) / Double(pixels)
    return ofSums * (1 + share) + (self == .float32 ? 0 : 2.8e-4 * share)
  }

  /// The error to expect of a fold, in units of V: ((1 + ε)/m − 1/N).
  package func expectedError(buckets: Int, pixels: Int) -> Double {
    (1 + roundingError(buckets: buckets, pixels: pixels)) / Double(buckets) - 1 / Double(pixels)
  }
}

extension Network {
  /// What stands for V before it was measured: taps × pixels × channels, for all convolutions that
  /// read the value.
  ///
  /// V = ‖x‖² · Σ_u ‖y^u‖². With starting values that keep variances (He and others 2015), values are
  /// about equally large in all layers, and so are the gradients of a whole map.
  func expectedVariance(ofSketched value: NodeID) -> Double {
    let taps = convolutions(reading: value).reduce(0) { $0 + $1.kernelExtent.volume }
    return Double(taps * nodes[value].outputShape.elementCount)
  }
}
