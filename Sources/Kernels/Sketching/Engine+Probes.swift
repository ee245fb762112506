import KernelInterface

extension Engine {
  /// Writes a tile of the probe matrix, pixel by pixel.
  func writeProbes(
    _ description: SketchDescription, of tile: SketchTile, from probes: SketchProbes,
    to destination: UnsafeMutablePointer<Float>
  ) {
    let first = tile.firstPixel * description.size
    let count = tile.pixelCount * description.size
    if case .given(let values) = probes {
      unsafe destination.update(from: values + first, count: count)
      return
    }
    let taskLength = 4096
    pool.parallel(taskCount: (count + taskLength - 1) / taskLength) { task, _ in
      let offset = task * taskLength
      unsafe fillProbes(
        description, first: first + offset, count: min(taskLength, count - offset),
        into: destination + offset)
    }
  }

  private func fillProbes(
    _ description: SketchDescription, first: Int, count: Int,
    into destination: UnsafeMutablePointer<Float>
  ) {
    switch description.estimator {
    case .gaussian:
      unsafe kernels.fillNormals(
        stream: description.stream, first: first, count: count, into: destination)
    case .rademacher:
      unsafe kernels.fillSigns(
        stream: description.stream, first: first, count: count, into: destination)
    }
  }
}
