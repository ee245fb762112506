/// One made-up volume: an uneven background, ellipsoids, tubes, and noise over all of them.
///
/// Only sums, products, quotients and square roots are used, so that every machine makes the same.
struct SyntheticScene {
  private(set) var intensities: [Float]
  private(set) var labels: [UInt8]

  private let extent: Int
  private var generator: CounterGenerator

  private typealias Vector = SIMD3<Double>

  init(extent: Int, generator: CounterGenerator) {
    self.extent = extent
    self.generator = generator
    let count = extent * extent * extent
    intensities = [Float](repeating: 0, count: count)
    labels = [UInt8](repeating: 0, count: count)
  }

  /// Draws everything: two to four ellipsoids, one or two tubes.
  mutating func drawAll() {
    drawBackground()
    for _ in 0..<(2 + generator.next(below: 3)) { drawEllipsoid() }
    for _ in 0..<(1 + generator.next(below: 2)) { drawTube() }
    addNoise()
  }

  // MARK: Parts

  private mutating func drawBackground() {
    let slope = direction() * 0.2 / Double(extent)
    let middle = Double(extent) / 2
    Self.forEachVoxel(extent) { voxel, position in
      intensities[voxel] = Float(0.3 + (slope * (position - middle)).sum())
    }
  }

  private mutating func drawEllipsoid() {
    let center = Vector(place(), place(), place())
    let axes = basis()
    let size = Double(extent)
    let radii = (0..<3).map { _ in uniform(0.09, 0.22) * size }
    let intensity = uniform(0.55, 0.85)
    draw(label: 1, intensity: intensity) { position in
      let offset = position - center
      var distance = 0.0
      for (axis, radius) in zip(axes, radii) {
        let coordinate = (offset * axis).sum() / radius
        distance += coordinate * coordinate
      }
      return distance <= 1
    }
  }

  /// A tube that crosses the whole volume.
  private mutating func drawTube() {
    let point = Vector(place(), place(), place())
    let axis = direction()
    let radius = uniform(0.05, 0.09) * Double(extent)
    let intensity = uniform(0.55, 0.85)
    draw(label: 2, intensity: intensity) { position in
      let offset = position - point
      let across = offset - axis * (offset * axis).sum()
      return (across * across).sum() <= radius * radius
    }
  }

  private mutating func draw(
    label: UInt8, intensity: Double, where isInside: (Vector) -> Bool
  ) {
    Self.forEachVoxel(extent) { voxel, position in
      guard isInside(position) else { return }
      intensities[voxel] = Float(intensity)
      labels[voxel] = label
    }
  }

  /// The sum of four uniform numbers is close to normal; its standard deviation is 1/√3.
  private mutating func addNoise() {
    for voxel in intensities.indices {
      let sum = (0..<4).reduce(0.0) { sum, _ in sum + uniform(-0.5, 0.5) }
      intensities[voxel] += Float(0.25 * sum)
    }
  }

  private static func forEachVoxel(
    _ extent: Int, _ body: (_ voxel: Int, _ position: Vector) -> Void
  ) {
    var voxel = 0
    for z in 0..<extent {
      for y in 0..<extent {
        for x in 0..<extent {
          body(voxel, Vector(Double(z), Double(y), Double(x)) + 0.5)
          voxel += 1
        }
      }
    }
  }

  // MARK: Random numbers

  private mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(generator.next() >> 11) * 0x1p-53
  }

  private mutating func place() -> Double { uniform(0.15, 0.85) * Double(extent) }

  /// A vector of length 1 in any direction.
  private mutating func direction() -> Vector {
    while true {
      let vector = Vector(uniform(-1, 1), uniform(-1, 1), uniform(-1, 1))
      let square = (vector * vector).sum()
      if square > 0.01, square <= 1 { return vector / square.squareRoot() }
    }
  }

  /// Three vectors of length 1 at right angles.
  private mutating func basis() -> [Vector] {
    let first = direction()
    while true {
      let other = direction()
      let rest = other - first * (other * first).sum()
      let square = (rest * rest).sum()
      guard square > 0.01 else { continue }
      let second = rest / square.squareRoot()
      let third = Vector(
        first.y * second.z - first.z * second.y, first.z * second.x - first.x * second.z,
        first.x * second.y - first.y * second.x)
      return [first, second, third]
    }
  }
}
