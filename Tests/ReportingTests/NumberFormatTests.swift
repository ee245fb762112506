import Testing

@testable import Reporting

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (-0.004, 2, "0.00"), (0.005, 2, "0.01"), (12.345, 1, "12.3"),
    (-7.5, 0, "-8"), (0.05, 3, "0.050"), (999.999, 2, "1000.00"), (1e20, 2, "1e+20"),
    (.infinity, 2, "inf"), (-.infinity, 2, "-inf"), (.nan, 2, "nan"),
  ])
  func fixedDecimals(value: Double, decimals: Int, expected: String) {
    #expect(NumberFormat.fixed(value, decimals: decimals) == expected)
  }

  @Test(arguments: [
    (0.0, "0"), (1.0, "1.00"), (999.0, "999"), (999.6, "1.00 k"), (999_999, "1.00 M"),
    (12_345_678, "12.3 M"), (-5.67e9, "-5.67 G"), (3e19, "30000 P"),
  ])
  func prefixes(value: Double, expected: String) {
    #expect(NumberFormat.prefixed(value) == expected)
  }

  @Test(arguments: [
    (0.0, "0 s"), (8.5e-7, "850 ns"), (9.996e-7, "1.00 µs"), (0.0123, "12.3 ms"),
    (0.9999, "1.00 s"), (1.239, "1.24 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"),
    (123, "2 min 03 s"),
    (3599.7, "1 h 00 min"), (3900, "1 h 05 min"), (-1, "-1 s"), (.nan, "nan s"),
  ])
  func seconds(value: Double, expected: String) {
    #expect(NumberFormat.seconds(value) == expected)
  }

  @Test func shares() {
    #expect(NumberFormat.percent(0.1254) == "12.5 %")
    #expect(NumberFormat.percent(1) == "100.0 %")
  }
}
