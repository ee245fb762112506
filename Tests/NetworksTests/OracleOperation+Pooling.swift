import Networks
import OracleSupport

extension MovingCase {
  /// The case, if it is one of pooling.
  init?(pooling oracle: OracleCase) throws {
    let fields = oracle.fields
    func axes(_ name: String) throws -> AxisValues { AxisValues(try fields.integers(name)) }
    let window: Set = ["kernel", "stride", "pad_before", "pad_after", "ceil_mode"]
    switch try fields.string("op") {
    case "maxpool":
      self.init(
        [
          MaxPooling(
            try axes("kernel"), stride: try axes("stride"), padding: try axes("pad_before"),
            paddingAfter: try axes("pad_after"), dilation: try axes("dilation"),
            ceilMode: try fields.bool("ceil_mode"))
        ], fields: window.union(["dilation", "ties"]))
    case "avgpool":
      self.init(
        [
          AveragePooling(
            try axes("kernel"), stride: try axes("stride"), padding: try axes("pad_before"),
            paddingAfter: try axes("pad_after"), ceilMode: try fields.bool("ceil_mode"),
            countsPadding: try fields.bool("count_include_pad"))
        ], fields: window.union(["count_include_pad"]))
    case "adaptive_avgpool":
      self.init([AveragePooling.adaptive(to: try axes("output_size"))], fields: [])
    case "global_maxpool": self.init([MaxPooling.global], fields: ["ties"])
    default: return nil
    }
  }
}
