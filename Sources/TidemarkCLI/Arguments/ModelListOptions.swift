import ArgumentParser
import Tidemark

/// The models that a command goes through.
struct ModelListOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: .models, transform: { try Model($0) })
  var model: [Model] = [.vgg8, .resnet8]

  /// The models in the order that they are named in, each once.
  var distinct: [Model] {
    var seen = Set<Model>()
    return model.filter { seen.insert($0).inserted }
  }
}
