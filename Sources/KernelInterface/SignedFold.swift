/// Adds rows of numbers, each with a sign, to buckets that are taken in turn.
///
/// The rows come in `runs` runs of `length` rows each, so that a window of a map is one fold. Row t
/// of a run goes to bucket (first + t · `bucketStep`) mod `bucketCount`, where the first bucket moves
/// on by `bucketRunStep` from run to run.
@safe
package struct SignedFold {
  /// The numbers of a row.
  package let columns: Int
  package let runs: Int
  package let length: Int

  package let source: UnsafePointer<Float>
  package let sourceStep: Int
  package let sourceRunStep: Int

  /// ±1 for each row.
  package let signs: UnsafePointer<Float>
  package let signStep: Int
  package let signRunStep: Int

  package let buckets: UnsafeMutablePointer<Float>
  package let bucketCount: Int
  package let firstBucket: Int
  package let bucketStep: Int
  package let bucketRunStep: Int
  /// The floats from a bucket to the next.
  package let bucketStride: Int

  package init(
    columns: Int, runs: Int = 1, length: Int,
    source: UnsafePointer<Float>, sourceStep: Int, sourceRunStep: Int = 0,
    signs: UnsafePointer<Float>, signStep: Int = 1, signRunStep: Int = 0,
    buckets: UnsafeMutablePointer<Float>, bucketCount: Int, firstBucket: Int,
    bucketStep: Int = 1, bucketRunStep: Int = 0, bucketStride: Int
  ) {
    self.columns = columns
    self.runs = runs
    self.length = length
    unsafe self.source = source
    self.sourceStep = sourceStep
    self.sourceRunStep = sourceRunStep
    unsafe self.signs = signs
    self.signStep = signStep
    self.signRunStep = signRunStep
    unsafe self.buckets = buckets
    self.bucketCount = bucketCount
    self.firstBucket = firstBucket % bucketCount
    self.bucketStep = bucketStep % bucketCount
    self.bucketRunStep = bucketRunStep % bucketCount
    self.bucketStride = bucketStride
  }
}
