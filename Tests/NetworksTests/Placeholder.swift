// Replaced by the tests of Networks.
