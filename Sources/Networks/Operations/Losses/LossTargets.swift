/// What a loss compares its input with.
///
/// Classes are shared: a batch holds one list of them, which all losses of a network read that want
/// classes. Numbers are a loss's own: a batch holds some for each loss that wants them. That is one
/// source for data sets of either kind, and leaves a network its one input.
public enum LossTargets: Hashable, Sendable {
  /// Nothing of the batch, but for example a second value of the network.
  case none
  /// Classes from 0 up to `classCount`, so many labels a sample; a label that is `ignored` does not
  /// count and need not be a class.
  case classes(classCount: Int, labelCount: Int, ignored: Int32?)
  /// So many numbers a sample, in the order of the input's elements.
  case values(count: Int)
}

/// How the losses of elements or labels become one.
public enum LossReduction: Hashable, Sendable {
  /// Their mean, over all that count.
  case mean
  /// Their sum, over samples too.
  case sum
}
