/// Binomial checkpointing of a chain of equal steps (Griewank and Walther 2000, TOMS 799).
///
/// A slot holds the value that one step starts from; that of step 0 takes one of the slots. Before
/// each step's backward pass the step runs forward once more and its tape is used at once.
package enum Revolve {
  /// β(c, r): the longest chain that c slots can reverse if no step runs forward more than r times
  /// before its tape is made.
  package static func longestChain(slots: Int, repetitions: Int) -> Int {
    guard slots >= 0, repetitions >= 0 else { return 0 }
    return binomial(slots + repetitions, slots)
  }

  /// r(l, c): the least number of repetitions; 0 for a chain of one step.
  ///
  /// - Complexity: O(r).
  package static func repetitions(steps: Int, slots: Int) -> Int {
    precondition(steps >= 1 && slots >= 1, "a chain has a step and a slot")
    let slots = clipped(slots, steps: steps)
    guard slots > 0 else { return 0 }
    var repetitions = 0
    var length = 1
    while length < steps {
      repetitions += 1
      // β(c, r) = β(c, r − 1) · (c + r) / r, which is a whole number.
      length = length * (slots + repetitions) / repetitions
    }
    return repetitions
  }

  /// p(l, c) = r·l − C(c + r, c + 1): the least number of forward runs besides the taped ones.
  package static func extraAdvances(steps: Int, slots: Int) -> Int {
    let slots = clipped(slots, steps: steps)
    guard slots > 0 else { return 0 }
    let repetitions = repetitions(steps: steps, slots: slots)
    return repetitions * steps - binomial(slots + repetitions, slots + 1)
  }

  /// l + p(l, c): all forward runs.
  package static func totalForwardSteps(steps: Int, slots: Int) -> Int {
    steps + extraAdvances(steps: steps, slots: slots)
  }

  /// The actions of a schedule with the fewest forward runs.
  ///
  /// There must be a step and a slot; more slots than one less than the steps are of no use.
  package static func schedule(steps: Int, slots: Int) -> [ChainAction] {
    precondition(steps >= 1 && slots >= 1, "a chain has a step and a slot")
    var actions: [ChainAction] = []
    reverse(0, steps, clipped(slots, steps: steps), end: steps, &actions)
    return actions
  }

  private static func reverse(
    _ start: Int, _ length: Int, _ slots: Int, end: Int, _ actions: inout [ChainAction]
  ) {
    var length = length
    while length > 1 {
      let slots = clipped(slots, steps: length)
      let repetitions = repetitions(steps: length, slots: slots)
      // Any split leaves the best cost whose parts need r − 1 and r repetitions; this is the
      // shortest first part.
      let split = max(
        1, longestChain(slots: slots, repetitions: repetitions - 2),
        length - longestChain(slots: slots - 1, repetitions: repetitions))
      actions.append(.checkpoint(start))
      actions += (start + 1..<start + split).map { .advance($0) }
      reverse(start + split, length - split, slots - 1, end: end, &actions)
      length = split
    }
    actions.append(.tape(start, option: 0))
    if start == end - 1 { actions.append(.loss) }
    actions.append(.backward(start))
  }

  private static func clipped(_ slots: Int, steps: Int) -> Int { min(slots, steps - 1) }

  private static func binomial(_ n: Int, _ k: Int) -> Int {
    guard k >= 0, k <= n else { return 0 }
    let k = min(k, n - k)
    guard k > 0 else { return 1 }
    return (1...k).reduce(1) { $0 * (n - k + $1) / $1 }
  }
}
