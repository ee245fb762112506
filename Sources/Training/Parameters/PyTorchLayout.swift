import Networks

/// A parameter or running statistic as PyTorch names and lays it out.
///
/// Weights of convolutions are (outputs, inputs of a group, kernel…) there, those of transposed ones
/// (inputs, outputs of a group, kernel…), those of linear layers (outputs, inputs).
struct PyTorchLayout {
  /// The name in a module whose parts are named after the network's layers, such as
  /// `block1.conv2.weight`.
  let name: String
  /// The extents there.
  let shape: [Int]

  /// The extents here, put together to three: kernel, inputs, outputs; of a transposed convolution the
  /// last two exchanged.
  private let extents: (taps: Int, inputs: Int, outputs: Int)

  /// How PyTorch names and lays out a parameter.
  init(_ parameter: NodeParameter) {
    let description = parameter.description
    name = "\(parameter.nodeName).\(Self.name(of: description.name))"
    let own = description.shape
    switch description.layout {
    case .vector:
      shape = own
      extents = (1, 1, description.elementCount)
    case .convolution, .transposedConvolution, .linear:
      let kernel = own.dropLast(2)
      shape = own.suffix(2).reversed() + kernel
      extents = (kernel.reduce(1, *), own[own.count - 2], own[own.count - 1])
    }
  }

  private static func name(of parameter: String) -> String {
    switch parameter {
    case "w", "gamma": "weight"
    case "b", "beta": "bias"
    default: parameter
    }
  }

  /// The elements in PyTorch's order; one array.
  func exported(_ values: UnsafeMutableBufferPointer<Float>) -> [Float] {
    unsafe Self.reversed(Array(values), extents.taps, extents.inputs, extents.outputs)
  }

  /// Elements in PyTorch's order in the project's own; one array.
  func imported(_ values: [Float]) -> [Float] {
    Self.reversed(values, extents.outputs, extents.inputs, extents.taps)
  }

  /// The elements of an array of a × b × c with its axes in opposite order.
  private static func reversed(_ values: [Float], _ a: Int, _ b: Int, _ c: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for z in 0..<c {
      for y in 0..<b {
        for x in 0..<a { result.append(values[(x * b + y) * c + z]) }
      }
    }
    return result
  }
}
