import Networks

extension Schedule {
  /// The schedule of a plan: what everything takes, where it lies and how long follows from the rules of
  /// memory (`MemoryWalk`).
  ///
  /// - Parameters:
  ///   - plan: What runs in which order, and how residuals wait.
  ///   - facts: The network's facts, for the batch that runs at once.
  ///   - mode: Training or inference.
  package init(_ plan: Plan, _ facts: MemoryFacts, mode: Mode = .training) {
    let readings = Readings(facts, plan.representations)
    var walk = MemoryWalk(
      facts, keepsDerivedParameters: plan.keepsDerivedParameters,
      follower: ActionWriter(facts, readings))
    walk.follow(plan.passes, readings)
    self.init(
      network: facts.network, batchSize: facts.batchSize, threadCount: facts.threadCount,
      mode: mode, actions: walk.follower.actions, representations: plan.representations)
  }
}
