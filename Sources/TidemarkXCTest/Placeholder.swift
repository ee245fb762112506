// Replaced by the sources of TidemarkXCTest.
