import ArgumentParser
import Tidemark

/// The samples that networks are trained on.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with the four files of Fashion-MNIST, or for models of volumes one with NIfTI files "
        + "of the same names in 'images' and 'labels'. If not given: Debian's or the bundled images, "
        + "or made-up volumes.", valueName: "folder"), transform: Value.folder)
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most samples to train with, from the first; all if not given.", valueName: "n"),
    transform: Value.count)
  var trainLimit: Int?

  /// Reads or makes the samples that a model takes.
  ///
  /// - Throws: What the data's reader throws: one sentence that names the file.
  func load(for model: Model) throws -> any TrainingData {
    let data: any TrainingData =
      if model.usualInput.spatial.count == 3 {
        try data.map { try VolumeDataset.load(folder: $0) } ?? .synthetic()
      } else {
        try FashionMNIST.load(folder: data)
      }
    return trainLimit.map { data.limited(to: $0) } ?? data
  }

  /// Reads or makes the samples that models take, those that several take once.
  func load(for models: [Model]) throws -> [(model: Model, data: any TrainingData)] {
    var loaded: [Int: any TrainingData] = [:]
    return try models.map { model in
      let axisCount = model.usualInput.spatial.count
      let data = try loaded[axisCount] ?? load(for: model)
      loaded[axisCount] = data
      return (model, data)
    }
  }
}
