import Networks

/// The values of an output of a network, as they stand in memory when they have been computed.
@safe public struct OutputValues {
  /// The node that computed them.
  public let node: NodeID
  /// Its name.
  public let name: String
  /// The shape of one sample.
  public let shape: Shape
  /// Which samples of the batch these are: all, unless the batch runs in parts.
  public let samples: Range<Int>
  /// The values: (samples, spatial…, channels).
  ///
  /// They are gone afterwards: copy what is to stay.
  public let values: UnsafeBufferPointer<Float>
}
