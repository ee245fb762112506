import ArgumentParser
import Reporting
import Tidemark

/// How the memory of a step is laid out.
struct PlacementOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Whether a step's memory lies in blocks of the allocator or in one slab with planned places: "
        + "blocks or slab.", valueName: "name"), transform: Value.arrangement)
  var placement = MemoryArrangement.blocks
}

extension StepPlacement {
  /// What the slab takes beside what it could take, in a sentence.
  var summary: String {
    let share = Double(byteCount) / Double(max(1, lowerBound))
    return "One slab of \(ByteCount(bytes: byteCount).fullDescription) holds activations, "
      + "transients and workspaces, \(NumberFormat.percent(share)) of the "
      + "\(ByteCount(bytes: lowerBound).fullDescription) that are there at once; for blocks of "
      + "their own the allocator sets aside \(ByteCount(bytes: blockByteCount).fullDescription)."
  }
}
