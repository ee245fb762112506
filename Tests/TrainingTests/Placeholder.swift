// Replaced by the tests of Training.
