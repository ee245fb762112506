/// Where the random numbers of a sketch come from.
@safe
package enum SketchProbes {
  /// Drawn from the seed of the sketch.
  case drawn
  /// Given, for tests without chance: pixel by pixel, the probes of a pixel next to each other, for
  /// each sample where samples have their own.
  case given(UnsafePointer<Float>)
}
