import Execution
import Files
import Networks
import Safetensors

extension ParameterStore {
  /// Writes parameters and running statistics as PyTorch holds them, whole or not at all.
  ///
  /// The file is a safetensors file that `safetensors.torch.load_file` reads as the state of a module
  /// whose parts are named after the network's layers: `conv1.weight` of (outputs, inputs of a group,
  /// kernel…), `fc1.weight` of (outputs, inputs), `bn1.running_mean`. Allocates a copy of everything.
  ///
  /// - Parameter path: The file; one that exists is replaced.
  /// - Throws: `FileFailure` when the file cannot be written.
  public func write(to path: String) throws {
    try write(entries, to: path)
  }

  /// Writes the gradients of trained parameters as PyTorch holds them, whole or not at all: under the names
  /// and in the layouts of their parameters, as `parameter.grad` has them there.
  ///
  /// Allocates a copy of everything.
  ///
  /// - Parameter path: The file; one that exists is replaced.
  /// - Throws: `FileFailure` when the file cannot be written.
  public func writeGradients(to path: String) throws {
    try write(
      parameters.enumerated().filter(\.element.isTrained).map { unsafe entry($1, gradient($0)) },
      to: path)
  }

  private func write(_ entries: [Entry], to path: String) throws {
    let contents = entries.map { layout, slot in
      unsafe TensorContents(
        name: layout.name, shape: layout.shape, values: .floats(layout.exported(slot.values)))
    }
    // The key by which readers tell PyTorch's layouts from those of other frameworks.
    try SafetensorsFile.write(
      contents, metadata: ["format": "pt", "network": network.name], to: path)
  }

  /// Reads parameters and running statistics that this or PyTorch wrote; changes nothing when the
  /// file does not fit the network.
  ///
  /// The counters of batches that PyTorch keeps beside running statistics are passed over. Allocates
  /// the file's size twice.
  ///
  /// - Parameter path: The file.
  /// - Throws: `ParameterFileError`, `SafetensorsError` or `FileFailure`.
  public func read(from path: String) throws {
    let file = try SafetensorsFile(path: path)
    let entries = entries
    try file.require(
      entries.map { ($0.layout.name, $0.layout.shape) },
      ignoring: { $0.hasSuffix(".num_batches_tracked") })
    let values = try entries.map { try $0.layout.imported(file.floats($0.layout.name)) }
    for (entry, values) in zip(entries, values) {
      _ = unsafe entry.slot.values.update(fromContentsOf: values)
    }
  }

  /// A tensor as PyTorch lays it out, and where it is.
  private typealias Entry = (layout: PyTorchLayout, slot: TensorSlot)

  /// Everything that a file of parameters holds.
  private var entries: [Entry] {
    parameters.enumerated().map { unsafe entry($1, value($0)) }
      + runningStatistics.enumerated().map { unsafe entry($1, statistic($0)) }
  }

  private func entry(
    _ parameter: NodeParameter, _ values: UnsafeMutableBufferPointer<Float>
  ) -> Entry {
    let layout = PyTorchLayout(parameter)
    return (layout, unsafe TensorSlot(name: layout.name, shape: layout.shape, values: values))
  }
}
