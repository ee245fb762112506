// Replaced by the sources of TidemarkTesting.
