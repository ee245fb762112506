/// The product of numbers that are not negative; the largest integer where that is exceeded.
///
/// - Parameter factors: The numbers.
/// - Returns: The product.
func saturatingProduct(_ factors: some Sequence<Int>) -> Int {
  var product = 1
  var isTooLarge = false
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    guard factor != 0 else { return 0 }
    isTooLarge = isTooLarge || overflow
    if !isTooLarge { product = next }
  }
  return isTooLarge ? .max : product
}

/// The product of numbers that are not negative; the largest integer where that is exceeded.
func saturatingProduct(_ factors: Int...) -> Int { saturatingProduct(factors) }

/// The sum of two numbers that are not negative; the largest integer where that is exceeded.
func saturatingSum(_ first: Int, _ second: Int) -> Int {
  let (sum, overflow) = first.addingReportingOverflow(second)
  return overflow ? .max : sum
}
