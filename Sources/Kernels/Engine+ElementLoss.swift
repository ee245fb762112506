import Glibc

/// A loss of single numbers against their targets; d is the difference between the two.
public enum ElementLoss: Hashable, Sendable {
  /// d².
  case squared
  /// |d|, with the derivative 0 at 0.
  case absolute
  /// d²/(2·beta) where |d| < beta, else |d| − beta/2.
  case smoothAbsolute(beta: Float)
  /// d²/2 where |d| < delta, else delta·(|d| − delta/2).
  case huber(delta: Float)
  /// −[w·t·log σ(z) + (1 − t)·log(1 − σ(z))] of a logit z against a probability t, with a weight w of
  /// the channel.
  case logistic
}

extension Engine {
  /// Adds up a loss over all elements and writes its derivatives.
  ///
  /// Sums are made in double precision in an order that depends on the sizes alone. Allocates nothing.
  ///
  /// - Parameters:
  ///   - loss: The loss.
  ///   - values: (rows, channels): predictions, or logits.
  ///   - targets: (rows, channels).
  ///   - gradient: (rows, channels): where factor · d loss / d value goes; it may be the values' memory;
  ///     nil if nobody wants it.
  ///   - rows: The number of rows.
  ///   - channels: The channels of a row; at least 1.
  ///   - positiveWeights: For `logistic`, the weights w of the channels; nil for 1.
  ///   - factor: What derivatives are multiplied by.
  /// - Returns: The sum of the losses, without the factor.
  public func elementLoss(
    _ loss: ElementLoss, values: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>?, rows: Int, channels: Int,
    positiveWeights: UnsafePointer<Float>? = nil, factor: Float
  ) -> Double {
    let operands = unsafe ElementOperands(
      values: values, targets: targets, gradient: gradient, rows: rows, channels: channels,
      positiveWeights: positiveWeights, factor: factor)
    switch loss {
    case .squared:
      return sum(operands) { value, target, _ in
        let difference = value - target
        return (Double(difference) * Double(difference), 2 * difference)
      }
    case .absolute:
      return sum(operands) { value, target, _ in
        let difference = value - target
        let sign: Float = difference > 0 ? 1 : difference < 0 ? -1 : 0
        return (Double(abs(difference)), sign)
      }
    case .smoothAbsolute(let beta):
      return sum(operands) { value, target, _ in
        let (loss, slope) = smoothed(value - target, within: beta)
        return (loss / Double(beta), slope / beta)
      }
    case .huber(let delta):
      return sum(operands) { value, target, _ in smoothed(value - target, within: delta) }
    case .logistic:
      return sum(operands) { logit, target, weight in
        // With L = 1 + (w − 1)·t the loss is (1 − t)·z + L·log(1 + e^(−z)).
        let share = 1 + (weight - 1) * target
        let power = exp(-abs(Double(logit)))
        let softplus = log1p(power) + Double(max(-logit, 0))
        // σ(−z)
        let opposite = logit > 0 ? power / (1 + power) : 1 / (1 + power)
        return (
          Double(1 - target) * Double(logit) + Double(share) * softplus,
          Float(Double(1 - target) - Double(share) * opposite)
        )
      }
    }
  }

  /// Writes or adds `factor` times a gradient.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - gradient: `count` elements.
  ///   - factor: The factor.
  ///   - destination: `count` elements; may be the gradient's memory if nothing is added.
  ///   - accumulate: Whether to add to what is there instead of overwriting it.
  ///   - count: The number of elements.
  public func scale(
    _ gradient: UnsafePointer<Float>, by factor: Float,
    into destination: UnsafeMutablePointer<Float>, accumulate: Bool, count: Int
  ) {
    forEachRange(of: count) { range in
      if accumulate {
        for index in range { unsafe destination[index] += factor * gradient[index] }
      } else {
        for index in range { unsafe destination[index] = factor * gradient[index] }
      }
    }
  }

  /// d²/2 near 0 and straight lines beyond, with the derivative.
  @inline(__always)
  private func smoothed(_ difference: Float, within limit: Float) -> (Double, Float) {
    let magnitude = abs(difference)
    guard magnitude < limit else {
      return (
        Double(limit) * (Double(magnitude) - 0.5 * Double(limit)),
        difference > 0 ? limit : -limit
      )
    }
    return (0.5 * Double(difference) * Double(difference), difference)
  }

  @inline(__always)
  private func sum(
    _ operands: ElementOperands, _ body: (Float, Float, Float) -> (loss: Double, slope: Float)
  ) -> Double {
    sumOfRows(operands.rows, elements: operands.channels) { row in
      let start = row * operands.channels
      var total = 0.0
      for channel in 0..<operands.channels {
        let weight = unsafe operands.positiveWeights?[channel] ?? 1
        let (loss, slope) = unsafe body(
          operands.values[start + channel], operands.targets[start + channel], weight)
        unsafe operands.gradient?[start + channel] = slope * operands.factor
        total += loss
      }
      return total
    }
  }

  /// Adds up a number for each row in 64 parts, which are then added in order.
  @inline(__always)
  func sumOfRows(_ rows: Int, elements: Int, _ body: (_ row: Int) -> Double) -> Double {
    // The partial sums live on the stack; their number depends on the sizes alone.
    var partial = InlineArray<64, Double>(repeating: 0)
    let length = max(
      WorkSplit.parts(of: rows, length: 64), WorkSplit.parts(of: 4096, length: max(1, elements)))
    unsafe withUnsafeMutableBytes(of: &partial) { bytes in
      let sums = unsafe bytes.assumingMemoryBound(to: Double.self)
      forEachRange(of: rows, length: length) { range in
        var sum = 0.0
        for row in range { sum += body(row) }
        unsafe sums[range.lowerBound / length] = sum
      }
    }
    var total = 0.0
    for index in partial.indices { total += partial[index] }
    return total
  }
}

/// What a loss of single numbers works on.
@safe private struct ElementOperands {
  let values: UnsafePointer<Float>
  let targets: UnsafePointer<Float>
  let gradient: UnsafeMutablePointer<Float>?
  let rows: Int
  let channels: Int
  let positiveWeights: UnsafePointer<Float>?
  let factor: Float
}
