import ArgumentParser
import Tidemark

/// The models that a command goes through.
struct ModelListOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The models; 'tidemark models' lists them.", valueName: "name"))
  var model = ["vgg8", "resnet8"]

  /// The models in the order that they are named in, each once.
  func models() throws -> [Model] {
    var seen = Set<Model>()
    return try model.map { try Value.model($0) }.filter { seen.insert($0).inserted }
  }
}
