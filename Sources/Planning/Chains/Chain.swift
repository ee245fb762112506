/// A training step as planners see it: stages one after the other, their bytes and costs.
///
/// Stage i of L reads value i and makes value i + 1; the loss reads value L. The model is that of
/// Beaumont, Eyraud-Dubois, Herrmann, Joly and Shilova (RR-9302), with a choice of tapes added: what
/// a stage keeps for its backward pass may be more, or less with a longer backward pass.
///
/// Sizes are in bytes or in any other unit, costs in FLOPs, seconds or any other.
package struct Chain: Hashable, Sendable {
  /// One way in which a stage can keep what its backward pass reads.
  package struct Tape: Hashable, Sendable {
    /// What is kept, the stage's output value included.
    package var byteCount: Int
    /// What the forward pass takes besides while it makes the tape.
    package var forwardTemporaryByteCount: Int
    /// What the backward pass takes besides the tape, the stage's input and both gradients.
    package var backwardTemporaryByteCount: Int
    /// The cost of the backward pass.
    package var backwardCost: Double

    /// Creates a way of keeping.
    package init(
      byteCount: Int, forwardTemporaryByteCount: Int, backwardTemporaryByteCount: Int,
      backwardCost: Double
    ) {
      self.byteCount = byteCount
      self.forwardTemporaryByteCount = forwardTemporaryByteCount
      self.backwardTemporaryByteCount = backwardTemporaryByteCount
      self.backwardCost = backwardCost
    }
  }

  /// One stage.
  package struct Stage: Hashable, Sendable {
    /// The size of the value that it reads, which is also that of the value's gradient.
    package var inputByteCount: Int
    /// The cost of the forward pass.
    package var forwardCost: Double
    /// What the forward pass takes besides input and output when nothing is kept.
    package var forwardTemporaryByteCount: Int
    /// The ways of keeping; the first has the cheapest backward pass.
    package var tapes: [Tape]

    /// Creates a stage.
    package init(
      inputByteCount: Int, forwardCost: Double, forwardTemporaryByteCount: Int, tapes: [Tape]
    ) {
      self.inputByteCount = inputByteCount
      self.forwardCost = forwardCost
      self.forwardTemporaryByteCount = forwardTemporaryByteCount
      self.tapes = tapes
    }
  }

  /// The end of the chain.
  package struct Loss: Hashable, Sendable {
    /// The size of the value that it reads, which is also that of the value's gradient.
    package var inputByteCount: Int
    /// What it takes besides.
    package var temporaryByteCount: Int
    /// The cost of computing the first gradient.
    package var cost: Double

    /// Creates an end.
    package init(inputByteCount: Int, temporaryByteCount: Int, cost: Double) {
      self.inputByteCount = inputByteCount
      self.temporaryByteCount = temporaryByteCount
      self.cost = cost
    }
  }

  /// The stages, the first one first.
  package let stages: [Stage]
  /// The end.
  package let loss: Loss

  /// Creates a chain.
  ///
  /// Every stage must have a tape, and no size or cost may be negative.
  package init(stages: [Stage], loss: Loss) {
    precondition(
      stages.allSatisfy { stage in
        stage.inputByteCount >= 0 && stage.forwardTemporaryByteCount >= 0 && stage.forwardCost >= 0
          && !stage.tapes.isEmpty
          && stage.tapes.allSatisfy { tape in
            tape.byteCount >= 0 && tape.forwardTemporaryByteCount >= 0
              && tape.backwardTemporaryByteCount >= 0 && tape.backwardCost >= 0
              && tape.backwardCost >= stage.tapes[0].backwardCost
          }
      }, "every stage has a tape, the first of them the cheapest, and nothing is negative")
    self.stages = stages
    self.loss = loss
  }

  /// L, the number of stages.
  package var count: Int { stages.count }

  /// The size of value `index`, and of its gradient; 0 beyond the loss's input.
  package func valueByteCount(_ index: Int) -> Int {
    if index < stages.count { return stages[index].inputByteCount }
    return index == stages.count ? loss.inputByteCount : 0
  }

  /// The cost of keeping everything: every pass once.
  package var leastCost: Double {
    stages.reduce(loss.cost) { $0 + $1.forwardCost + $1.tapes[0].backwardCost }
  }
}
