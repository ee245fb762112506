// Replaced by the tests of TidemarkTesting.
