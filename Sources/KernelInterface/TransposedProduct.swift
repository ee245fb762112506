/// A small matrix product: result[i][c] += Σ left[t][i] · right[t][c] over all terms t.
///
/// The terms come in `runs` runs of `length` terms each, so that a window of a map is one product:
/// the terms of a run lie `leftStep` and `rightStep` floats apart, the beginnings of runs
/// `leftRunStep` and `rightRunStep`.
@safe
package struct TransposedProduct {
  /// The rows of the result: numbers that each left term holds next to each other.
  package let rows: Int
  /// The columns of the result: numbers that each right term holds next to each other.
  package let columns: Int
  /// The number of runs.
  package var runs = 1
  /// The number of terms of a run.
  package let length: Int

  package let left: UnsafePointer<Float>
  package let leftStep: Int
  package var leftRunStep = 0

  package let right: UnsafePointer<Float>
  package let rightStep: Int
  package var rightRunStep = 0

  package let result: UnsafeMutablePointer<Float>
  /// The floats from a row of the result to the next.
  package let resultStep: Int

  package init(
    rows: Int, columns: Int, length: Int,
    left: UnsafePointer<Float>, leftStep: Int,
    right: UnsafePointer<Float>, rightStep: Int,
    result: UnsafeMutablePointer<Float>, resultStep: Int
  ) {
    self.rows = rows
    self.columns = columns
    self.length = length
    unsafe self.left = left
    self.leftStep = leftStep
    unsafe self.right = right
    self.rightStep = rightStep
    unsafe self.result = result
    self.resultStep = resultStep
  }
}
