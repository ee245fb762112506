import ArgumentParser
import Tidemark

extension ArgumentHelp {
  /// What `--model` takes.
  static var model: ArgumentHelp {
    ArgumentHelp("The model: \(Model.grammar); 'tidemark models' lists them.", valueName: "model")
  }

  /// What `--model` takes where it takes several.
  static var models: ArgumentHelp {
    ArgumentHelp(
      "The models, each \(Model.grammar); 'tidemark models' lists them.", valueName: "model")
  }
}
