import ArgumentParser
import Reporting
import Tidemark

/// `tidemark models`: the models that there are, and what they take.
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Lists the models: how they are spelled, parameters, arithmetic, saved bytes of a sample.",
    discussion: """
      Example:
        tidemark models --input 32x32x3 --classes 100
      """)

  @OptionGroup var input: InputOptions

  func run() throws {
    var table = ReportTable(columns: [
      .init("model", alignment: .left), .init("sample"), .init("classes"), .init("parameters"),
      .init("MACs", unit: "a sample"), .init("FLOPs", unit: "a sample"),
      .init("saved", unit: "a sample"),
      .init("what it is", alignment: .left),
    ])
    for model in Model.named {
      let network = try input.network(of: model)
      let step = try Step.ofOneSample(network, threadCount: 1)
      table.append([
        .init(model.name), .init("\(network.inputShape)"), .init("\(network.classCount)"),
        .init(String(network.parameterCount)),
        .init(String(network.multiplyAccumulateCount)),
        .init(NumberFormat.prefixed(Double(network.forwardFLOPs))),
        .init(ByteCount(bytes: step.savedByteCount).description),
        .init(model.summary),
      ])
    }
    StandardStream.output.line(
      "Samples and classes are those that each model was made for, unless --input and --classes say "
        + "otherwise.\nMACs are products of values with weights in the forward pass, FLOPs all of its "
        + "arithmetic; saved are the bytes that full\nstorage keeps for the backward pass.\n")
    StandardStream.output.write(table.text)
    writeFamilies()
  }

  /// How models are spelled that have no name of their own.
  private func writeFamilies() {
    let output = StandardStream.output
    output.line("\nOther models are spelled \(Model.grammar):")
    for family in ModelDescription.all {
      output.line("\n\(family.spelling)\n    \(family.summary)")
      for parameter in family.parameters {
        let usual = parameter.usualSummary.map { "; \($0) unless given" } ?? ""
        output.line(
          "    \(parameter.name): \(parameter.summary)\n        \(parameter.permitted)\(usual)")
      }
    }
  }
}
