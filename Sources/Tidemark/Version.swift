/// The version of Tidemark, as `tidemark --version` prints it.
public let tidemarkVersion = "0.1.0"
