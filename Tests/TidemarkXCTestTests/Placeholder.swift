// Replaced by the tests of TidemarkXCTest.
