// Replaced by the tests of Execution.
