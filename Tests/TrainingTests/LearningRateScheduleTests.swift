import Files
import Testing

@testable import Training

@Suite struct LearningRateScheduleTests {
  private func factors(_ text: String, epochs: Int = 4) throws -> [Double] {
    let schedule = try LearningRateSchedule(parsing: text)
    return (0..<2 * epochs).map {
      schedule.factor(step: $0, stepsPerEpoch: 2, epochCount: epochs)
    }
  }

  @Test func constantStays() throws {
    #expect(try factors("constant") == Array(repeating: 1, count: 8))
  }

  @Test func stepsFallBetweenEpochs() throws {
    #expect(try factors("step:2,factor=0.5") == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5])
    #expect(try factors("step:3")[7] == 0.1)
  }

  @Test func aCosineFallsToZeroJustBehindTheEnd() throws {
    let factors = try factors("cosine")
    #expect(factors[0] == 1)
    #expect(abs(factors[4] - 0.5) < 1e-15)
    #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 > $1 })
    #expect(factors[7] > 0 && factors[7] < 0.05)
  }

  @Test func aWarmUpRisesInEqualSteps() throws {
    #expect(try factors("constant,warmup=2") == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1])
    // The cosine has what is left of the training.
    let cosine = try factors("cosine,warmup=2")
    #expect(cosine[4] == 1)
    #expect(abs(cosine[6] - 0.5) < 1e-15)
    // A training that is all warm-up has no step behind it.
    #expect(try factors("cosine,warmup=9").last == 8.0 / 18)
  }

  @Test(arguments: ["constant", "step:1", "cosine"])
  func theWarmUpIsShorterThanTheTraining(course: String) throws {
    for (warmUp, epochs) in [(0, 1), (1, 2), (3, 4)] {
      try LearningRateSchedule(parsing: "\(course),warmup=\(warmUp)").requireFit(epochCount: epochs)
    }
    for (warmUp, epochs) in [(1, 1), (2, 1), (3, 3)] {
      let schedule = try LearningRateSchedule(parsing: "\(course),warmup=\(warmUp)")
      let error = #expect(throws: OptimizationSpellingError.self) {
        try schedule.requireFit(epochCount: epochs)
      }
      #expect(error?.category == .wrongUsage)
      #expect(error?.description.contains("warmup is \(warmUp); it must be less") == true)
    }
  }

  @Test(arguments: [
    "constant", "step:3,factor=0.5", "cosine", "cosine,warmup=2", "step:1,factor=0.1,warmup=1",
    "step:2.4,factor=0.97,warmup=5,rise-from=0.0", "multistep:6/11/15,factor=0.2",
    "cosine,least=0.01,warmup=2,rise-from=0.1,count-from=start",
    "step:5,factor=0.5,warmup=4,count-from=warmup",
  ])
  func spellingsAreReadBack(text: String) throws {
    #expect(try "\(LearningRateSchedule(parsing: text))" == text)
  }

  @Test(arguments: [
    ("cosin", "did you mean 'cosine'?"), ("", "there are"), ("step", "''"), ("step:0", "'0'"),
    ("step:x", "'x'"), ("cosine:3", "takes no ':3'"), ("constant,factor=2", "',factor'"),
    ("step:3,factor=0", "'0'"), ("step:3,factor=nan", "'nan'"), ("step:3,factor=2", "'2'"),
    ("cosine,warmup=-1", "'-1'"), ("cosine,warmup", "''"), ("cosine,", "takes no ','"),
    ("multistep", "''"), ("multistep:3/", "''"), ("multistep:0", "'0'"),
    ("cosine,least=2", "'2'"), ("cosine,warmup=1,warmup=2", "warmup twice"),
    ("cosine,rise-from=0.5", "need a warmup"), ("cosine,count-from=start", "need a warmup"),
    ("cosine,warmup=1,count-from=end", "'end'"), ("cosine,warmup=1,rise-from=-1", "'-1'"),
  ])
  func otherSpellingsAreExplained(text: String, part: String) {
    do {
      _ = try LearningRateSchedule(parsing: text)
      Issue.record("'\(text)' was accepted")
    } catch {
      #expect(error.description.contains(part), "\(error)")
      #expect(error.category == .wrongUsage)
    }
  }
}
