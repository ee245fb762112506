/// Copies `count` floats, or adds them to what is there.
@inline(__always)
func moveRun(
  _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int,
  accumulate: Bool
) {
  if accumulate {
    for index in 0..<count { unsafe destination[index] += source[index] }
  } else {
    unsafe destination.update(from: source, count: count)
  }
}

/// Adds `count` floats times a factor to what is there.
@inline(__always)
func addRun(
  _ source: UnsafePointer<Float>, times factor: Float,
  to destination: UnsafeMutablePointer<Float>, count: Int
) {
  for index in 0..<count { unsafe destination[index] += factor * source[index] }
}
