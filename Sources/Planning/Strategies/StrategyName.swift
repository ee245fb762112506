import Networks

/// The names that strategies are spelled with.
public enum StrategyName: String, CaseIterable, Sendable {
  case full
  case sqrt
  case checkpoint
  case revolve
  case mixed
  case optimal
  case microbatch
  case trace
  case quantize
  case spill
  case invert

  /// How it is spelled: `name[:value][,key=value…]`.
  public var spelling: String {
    switch self {
    case .full: "full"
    case .sqrt: "sqrt"
    case .checkpoint: "checkpoint:K"
    case .revolve: "revolve:C"
    case .mixed: "mixed:C"
    case .optimal: "optimal:SIZE|N/M"
    case .microbatch: "microbatch:K"
    case .trace: "trace:R|SIZE[,option=value…]"
    case .quantize: "quantize:B"
    case .spill: "spill:SIZE"
    case .invert: "invert"
    }
  }

  /// An example that can be used as it is.
  public var example: String {
    switch self {
    case .full: "full"
    case .sqrt: "sqrt"
    case .checkpoint: "checkpoint:4"
    case .revolve: "revolve:3"
    case .mixed: "mixed:3"
    case .optimal: "optimal:64MiB"
    case .microbatch: "microbatch:4"
    case .trace: "trace:16"
    case .quantize: "quantize:4"
    case .spill: "spill:8MiB"
    case .invert: "invert"
    }
  }

  /// What it does, in one sentence.
  public var summary: String {
    switch self {
    case .full:
      "keeps everything that the backward pass reads, each value once and as small as is exact"
    case .sqrt:
      "as checkpoint, with as many segments as the square root of the places to cut the network at"
    case .checkpoint:
      "keeps the ends of K equal segments and computes the rest anew, but for the last segment"
    case .revolve:
      "keeps C values to start again from, placed so that the least is computed anew (binomial)"
    case .mixed:
      "as revolve, where each of the C slots may hold instead all that one stage keeps"
    case .optimal:
      "takes the least time that a budget for activations, transients and workspace allows, in bytes "
        + "or as a share of what full takes; what is cheap to compute is computed anew"
    case .microbatch:
      "runs K equal parts of the batch one after the other and adds up their gradients, of which there "
        + "are two sets then; only where no layer normalises a batch"
    case .trace:
      "keeps random combinations of a convolution's input pixels instead of the input, in at most the "
        + "bytes of R floats a map, or in SIZE bytes that all layers share; maps of as few pixels stay "
        + "whole"
    case .quantize:
      "keeps inputs of convolutions, normalisations and linear layers in B bits, 8, 4, 2 or 1; in "
        + "more where a deep network normalises too few rows for so few bits"
    case .spill:
      "keeps values in a file, written and read ahead in the background through SIZE of memory; the "
        + "file lies in the folder that TMPDIR names, or in /var/tmp, and is gone when the process is"
    case .invert:
      "recovers inputs from outputs, up to rounding: of normalisations with leaky rectifiers behind "
        + "them, and of additive couplings; for models that have such, as resnet18-leaky and revnet"
    }
  }

  /// How near gradients come to those of full storage.
  public var exactness: Exactness {
    switch self {
    case .trace, .quantize: .estimated
    case .microbatch, .invert: .rounding
    case .full, .sqrt, .checkpoint, .revolve, .mixed, .optimal, .spill: .exact
    }
  }

  /// The options that it takes: how each is spelled, and what it does.
  public var options: [(spelling: String, summary: String)] {
    self == .trace ? TraceOption.allCases.map { ($0.spelling, $0.summary) } : []
  }
}
