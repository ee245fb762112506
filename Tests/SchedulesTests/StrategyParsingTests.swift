import Networks
import Planning
import Testing

@Suite struct StrategyParsingTests {
  @Test(arguments: [
    "full", "sqrt", "checkpoint:4", "revolve:3", "mixed:3", "optimal:64MiB", "optimal:1001B",
    "optimal:1/2", "optimal:2/3+quantize:4", "microbatch:4", "microbatch:2+sqrt+trace:8",
    "optimal:3KiB+trace:8", "trace:16", "trace:16,estimator=rademacher",
    "checkpoint:4+trace:16", "sqrt+trace:8,estimator=rademacher", "trace:2MiB",
    "trace:16,estimator=gaussian-multichannel", "trace:16,estimator=orthogonal",
    "trace:16,estimator=gaussian-per-sample,deflate=mean,bits=8", "trace:16,deflate=tiles:4",
    "trace:16,mask", "trace:8,deflate=none,bits=8,mask", "trace:16,bits=32",
    "trace:16,deflate=none,bits=4", "trace:1", "trace:1GiB,deflate=tiles:4",
    "spill:8MiB", "spill:64KiB", "invert",
  ])
  func canonicalSpellingsAreReadBack(text: String) throws {
    #expect(try Strategy(parsing: text).description == text)
  }

  @Test func partsMayStandInAnyOrderAndDefaultsMayBeSpelled() throws {
    #expect(
      try Strategy(parsing: "trace:16,deflate=mean,estimator=fold+checkpoint:4").description
        == "checkpoint:4+trace:16")
    #expect(
      try Strategy(parsing: "trace:8,bits=32,estimator=gaussian,deflate=none").description
        == "trace:8,estimator=gaussian")
    #expect(try Strategy(parsing: "trace:2048KiB").description == "trace:2MiB")
  }

  @Test func valuesMeanWhatTheySay() throws {
    let strategy = try Strategy(parsing: "checkpoint:5+trace:7,estimator=rademacher")
    #expect(strategy.recomputation == .segments(5))
    #expect(strategy.approximation == .trace(try Trace(.probes(7), estimator: .rademacher)))
    #expect(
      try Strategy(parsing: "trace:9,deflate=tiles:3,bits=8").approximation
        == .trace(try Trace(.probes(9), deflation: .tiles(3), storage: .int8)))
    #expect(
      try Strategy(parsing: "trace:3KiB").approximation == .trace(try Trace(.bytes(3072))))
    #expect(strategy.exactness == .estimated)
    #expect(try Strategy(parsing: "sqrt").recomputation == .squareRoot)
    #expect(try Strategy(parsing: "full") == .full)
  }

  @Test(arguments: [
    (
      "",
      "there are full, sqrt, checkpoint, revolve, mixed, optimal, microbatch, trace, quantize, spill, "
        + "invert"
    ),
    ("ful", "did you mean 'full'?"),
    ("Trace:8", "did you mean 'trace'?"),
    ("full:3", "full takes no number"),
    ("full+trace:8", "nothing to combine it with"),
    ("sqrt,deep=1", "sqrt takes no ',deep'"),
    ("sqrt+checkpoint:2", "two ways of recomputing"),
    ("trace:8+trace:8", "two approximations"),
    ("checkpoint", "such as checkpoint:4"),
    ("checkpoint:", "such as checkpoint:4"),
    ("checkpoint:0", "a whole number from 1"),
    ("checkpoint:-1", "a whole number from 1"),
    ("checkpoint:99999999999999999999", "a whole number from 1"),
    ("revolve:0", "the number of slots is '0'"),
    ("mixed", "such as mixed:3"),
    ("optimal", "such as optimal:64MiB"),
    ("optimal:64", "it has no unit"),
    ("spill:8MiB+trace:8", "nothing to combine it with"),
    ("invert:2", "invert takes no number"),
    ("invert+sqrt", "nothing to combine it with"),
    ("spill:63KiB", "at least 64KiB"),
    ("spill", "such as spill:8MiB"),
    ("optimal:1/0", "the share is '1/0'"),
    ("optimal:1/2/3", "the share is '1/2/3'"),
    ("optimal:-1/2", "the share is '-1/2'"),
    ("optimal:/2", "such as 1/2"),
    ("microbatch", "such as microbatch:4"),
    ("microbatch:0", "the number of parts is '0'"),
    ("microbatch:2+microbatch:2", "divides the batch twice"),
    ("optimal:1GiB+revolve:2", "two ways of recomputing"),
    ("trace", "trace needs a number of probes, such as trace:16, or a size such as 2MiB"),
    ("trace:", "or a size such as 2MiB"),
    ("trace:1/2", "it must be a whole number from 1 to 65536, or a size such as 2MiB"),
    ("trace:0", "the number of probes is '0'"),
    ("trace:1.5", "a whole number from 1"),
    ("trace:8,estimtor=gaussian", "did you mean 'estimator'?"),
    ("trace:8,estimator=gausian", "did you mean 'gaussian'?"),
    ("trace:8,estimator", "there are gaussian, "),
    ("trace:8,estimator=gaussian,estimator=gaussian", "twice"),
    ("trace:8+", "there is no strategy ''"),
    ("trace:8,deflate=maen", "did you mean 'mean'?"),
    ("trace:8,deflate=tiles:0", "the number of tiles is '0'"),
    ("trace:8,deflate", "there are none, mean, tiles:4"),
    ("trace:8,bits=5", "it must be 32, 8, 4 or 2"),
    ("trace:8,bits=8,bits=8", "twice"),
    ("trace:1,deflate=mean", "hold no bucket beside 1 mean"),
    ("trace:4,deflate=tiles:8,bits=32", "hold no bucket beside 8 means"),
    ("trace:8,estimator=orthogonal,deflate=mean", "leave no map"),
    ("trace:8,estimator=orthogonal,bits=8", "kept as floats"),
    ("trace:8,mask=1", "mask takes no value"),
    ("trace:8,mask,mask", "twice"),
    ("trace:8,estimator=gaussian,mask", "a mask goes with the estimator fold"),
    ("trace:2MiB,mask", "and the mask"),
    ("trace:2Mib", "the unit \"Mib\" is unknown"),
    ("trace:0B", "at least 1 byte"),
    ("trace:2MiB,estimator=gaussian", "leave the estimator and the bits out"),
    ("trace:2MiB,bits=8", "leave the estimator and the bits out"),
  ])
  func wrongSpellingsAreExplained(text: String, part: String) {
    let error = #expect(throws: StrategySpellingError.self) { try Strategy(parsing: text) }
    let description = error?.description ?? ""
    #expect(description.contains(part), "\(description)")
    #expect(description.contains("'\(text)'"))
    #expect(!description.contains("\n"))
  }

  @Test(arguments: StrategyName.allCases)
  func everyNameHasAnExampleThatWorks(name: StrategyName) throws {
    let strategy = try Strategy(parsing: name.example)
    #expect(strategy.exactness == name.exactness)
    #expect(name.spelling.hasPrefix(name.rawValue))
  }
}
