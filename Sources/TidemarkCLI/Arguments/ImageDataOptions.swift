import ArgumentParser
import Tidemark

/// The images that networks are trained on.
struct ImageDataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with the four files of Fashion-MNIST; Debian's or the bundled images if not "
        + "given.", valueName: "folder"))
  var data: String?

  /// Reads the images.
  func load() throws -> Dataset {
    try FashionMNIST.load(folder: try data.map { try Value.folder($0, flag: "--data") })
  }
}
